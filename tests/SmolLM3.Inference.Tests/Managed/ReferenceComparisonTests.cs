using System.Collections.Concurrent;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;
using SmolLM3.Inference.Managed.Kernels;
using SmolLM3.Inference.Synthetic;

namespace SmolLM3.Inference.Tests.Managed;

public sealed class ReferenceComparisonTests
{
    // Keys and values are half numbers: one that the engine and the reference round apart moves a row by 1e-4.
    private const double FloatLimit = 5e-4;
    private const double BeforeRoundings = 1e-4;

    private static readonly int[] Prompt = EngineRuns.Tokens(14);
    private static readonly ConcurrentDictionary<GgufFile, double[][]> Expected = new();

    public static TheoryData<GgufTensorType, string> TypesAndKernels
    {
        get
        {
            TheoryData<GgufTensorType, string> data = [];
            foreach (GgufTensorType type in GgufTensorTypes.All)
            {
                foreach (KernelSet kernels in KernelSet.All.Where(kernels => kernels.IsSupported))
                {
                    data.Add(type, kernels.Name);
                }
            }

            return data;
        }
    }

    // The engine and the reference part as soon as one input of a quantized matrix lies so near the middle of two steps
    // that they round it differently; from there on they differ by what rounding to eight bits costs anyway. Before
    // that they agree as closely as floats do.
    [Theory]
    [MemberData(nameof(TypesAndKernels))]
    public void Every_tensor_type_agrees_with_the_reference_on_every_kernel_set(GgufTensorType type, string kernels)
    {
        GgufFile file = TestModels.Get($"type {type}", new SyntheticModelOptions { TensorType = type, Seed = 4 });
        bool exact = type is GgufTensorType.F32 or GgufTensorType.F16 or GgufTensorType.BF16;
        double[] distances = Distances(file, kernels: KernelSet.Get(kernels));
        Assert.InRange(distances.Min(), 0, exact ? FloatLimit : BeforeRoundings);
        Assert.InRange(distances.Max(), 0, exact ? FloatLimit : 5e-2);
    }

    [Fact]
    public void A_mix_of_types_agrees_with_the_reference()
    {
        double[] distances = Distances(TestModels.Get("mix", new SyntheticModelOptions { LayerCount = 8 }));
        Assert.InRange(distances.Min(), 0, BeforeRoundings);
        Assert.InRange(distances.Max(), 0, 5e-2);
    }

    [Theory]
    [InlineData(8, 1)]
    [InlineData(8, 8)]
    [InlineData(8, 4)]
    [InlineData(4, 1)]
    [InlineData(4, 2)]
    [InlineData(2, 1)]
    [InlineData(2, 2)]
    [InlineData(16, 4)]
    public void Any_sharing_of_heads_agrees_with_the_reference(int heads, int kvHeads)
    {
        SyntheticModelOptions options = new()
        {
            HeadCount = heads, KeyValueHeadCount = kvHeads, TensorType = GgufTensorType.F32,
        };
        Compare(TestModels.Get($"heads {heads} {kvHeads}", options));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(9)]
    public void Any_number_of_layers_agrees_with_the_reference(int layers)
    {
        SyntheticModelOptions options = new() { LayerCount = layers, TensorType = GgufTensorType.F32 };
        Compare(TestModels.Get($"layers {layers}", options));
    }

    [Fact]
    public void An_output_head_of_its_own_agrees_with_the_reference()
    {
        SyntheticModelOptions options = new() { TieEmbeddings = false, TensorType = GgufTensorType.F32 };
        Compare(TestModels.Get("untied", options));
    }

    [Fact]
    public void Odd_sizes_agree_with_the_reference()
    {
        SyntheticModelOptions options = new()
        {
            HiddenSize = 132, HeadCount = 3, KeyValueHeadCount = 1, FeedForwardSize = 77, VocabularySize = 331,
            TensorType = GgufTensorType.F32,
        };
        Compare(TestModels.Get("odd", options), EngineRuns.Tokens(14, vocabulary: 331));
    }

    [Fact]
    public void Yarn_in_the_file_agrees_with_the_reference()
    {
        SyntheticModelOptions options = new()
        {
            TensorType = GgufTensorType.F32, RopeTheta = 10_000, YarnFactor = 4, YarnOriginalContextLength = 64,
        };
        GgufFile file = TestModels.Get("yarn", options);
        ReferenceModel reference = new(file, 4, 64);
        Compare(file, reference: reference);
    }

    [Fact]
    public void Yarn_asked_for_agrees_with_the_reference_and_a_factor_of_one_takes_it_away()
    {
        GgufFile plain = TestModels.Get(
            "no yarn", new SyntheticModelOptions { TensorType = GgufTensorType.F32, ContextLength = 64 });
        Compare(plain, reference: new ReferenceModel(plain, 2, 64), yarn: 2);

        SyntheticModelOptions options = new()
        {
            TensorType = GgufTensorType.F32, YarnFactor = 4, YarnOriginalContextLength = 64,
        };
        GgufFile stretched = TestModels.Get("yarn taken away", options);
        Compare(stretched, reference: new ReferenceModel(stretched), yarn: 1);
    }

    private static void Compare(
        GgufFile file, int[]? prompt = null, ReferenceModel? reference = null, float? yarn = null) =>
        Assert.InRange(Distances(file, prompt, reference, yarn).Max(), 0, FloatLimit);

    private static double[] Distances(
        GgufFile file,
        int[]? prompt = null,
        ReferenceModel? reference = null,
        float? yarn = null,
        KernelSet? kernels = null)
    {
        prompt ??= Prompt;
        double[][] expected = reference is null && yarn is null
            ? Expected.GetOrAdd(file, _ => Run(new ReferenceModel(file), prompt))
            : Run(reference ?? new ReferenceModel(file), prompt);
        using ManagedEngine engine = EngineRuns.Create(file, yarn: yarn, kernels: kernels);
        return [.. expected.Zip(engine.Append(0, prompt), EngineRuns.Distance)];
    }

    private static double[][] Run(ReferenceModel reference, int[] prompt) => [.. prompt.Select(reference.Next)];
}
