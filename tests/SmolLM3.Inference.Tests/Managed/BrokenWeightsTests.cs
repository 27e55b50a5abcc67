using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;
using SmolLM3.Inference.Managed.Kernels;
using SmolLM3.Inference.Synthetic;

namespace SmolLM3.Inference.Tests.Managed;

/// <summary>One weight that is NaN or infinite: on every kernel set the logits it reaches are no numbers, and those it
/// does not reach are what they were.</summary>
public sealed unsafe class BrokenWeightsTests
{
    private const int BrokenToken = 7;

    public static TheoryData<string, GgufTensorType> Cases => OnEverySet(GgufTensorType.F16, GgufTensorType.BF16);

    public static TheoryData<string, GgufTensorType> Quantized =>
        OnEverySet(GgufTensorType.Q8_0, GgufTensorType.Q4_K, GgufTensorType.Q6_K);

    [Theory]
    [MemberData(nameof(Cases))]
    public void No_logit_behind_a_broken_matrix_is_finite(string kernels, GgufTensorType type)
    {
        foreach (string name in new[] { "attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down" })
        {
            foreach (float value in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
            {
                using GgufFile file = Break(type, $"blk.1.{name}.weight", 3, value);
                using ManagedEngine engine = EngineRuns.Create(file, kernels: KernelSet.Get(kernels));
                float[][] logits = engine.Append(0, 1, 2, 3, 4, 5, 6);
                Assert.All(logits, row => Assert.DoesNotContain(row, float.IsFinite));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Quantized))]
    public void Rounding_to_8_bits_loses_no_nan(string kernels, GgufTensorType type)
    {
        using GgufFile file = TestModels.Change(TestModels.Get($"broken {type}", new SyntheticModelOptions
        {
            TensorType = type, LayerCount = 2,
        }));
        ((float*)file.GetTensor("blk.1.ffn_norm.weight").Data)[3] = float.NaN;
        using ManagedEngine engine = EngineRuns.Create(file, kernels: KernelSet.Get(kernels));
        Assert.All(engine.Append(0, 1, 2, 3), row => Assert.DoesNotContain(row, float.IsFinite));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_broken_token_spoils_what_comes_after_it_in_its_sequence_only(string kernels, GgufTensorType type)
    {
        using GgufFile file = Break(type, "token_embd.weight", BrokenToken * 64, float.NaN);
        using ManagedEngine engine = EngineRuns.Create(file, kernels: KernelSet.Get(kernels));
        using ManagedEngine whole = EngineRuns.Create(Model(type), kernels: KernelSet.Get(kernels));
        float[][] expected = whole.Append(0, 1, 2, 3, 4, 5, 6);

        Batch batch = new(12);
        int[] broken = [1, 2, BrokenToken, 4, 5, 6];
        for (int i = 0; i < broken.Length; i++)
        {
            batch.Add(0, i, broken[i], logits: true);
            batch.Add(1, i, i + 1, logits: true);
        }

        Assert.Equal(ForwardStatus.Completed, engine.Forward(batch));
        for (int i = 0; i < broken.Length; i++)
        {
            Assert.Equal(expected[i], engine.GetLogits((2 * i) + 1).ToArray());
            if (i < 2)
            {
                Assert.Equal(expected[i], engine.GetLogits(2 * i).ToArray());
            }
            else
            {
                Assert.DoesNotContain(engine.GetLogits(2 * i).ToArray(), float.IsFinite);
            }
        }

        // Whoever gets the blocks next, and whoever shares the sound beginning, finds nothing of it.
        Assert.True(engine.CopyPrefix(0, 2, 2));
        engine.Truncate(0, 0);
        Assert.Equal(expected, engine.Append(0, 1, 2, 3, 4, 5, 6));
        Assert.Equal(expected[2..], engine.Append(2, 3, 4, 5, 6));
    }

    private static TheoryData<string, GgufTensorType> OnEverySet(params GgufTensorType[] types) => [.. KernelSet.All
        .Where(set => set.IsSupported).SelectMany(set => types.Select(type => (set.Name, type)))];

    private static GgufFile Model(GgufTensorType type) => TestModels.Get($"broken {type}", new SyntheticModelOptions
    {
        HiddenSize = 64, LayerCount = 2, HeadCount = 2, KeyValueHeadCount = 1, FeedForwardSize = 64,
        TensorType = type, TieEmbeddings = false,
    });

    private static GgufFile Break(GgufTensorType type, string tensor, int at, float value)
    {
        GgufFile file = TestModels.Change(Model(type));
        ushort* weights = (ushort*)file.GetTensor(tensor).Data;
        weights[at] = type == GgufTensorType.F16
            ? BitConverter.HalfToUInt16Bits((Half)value)
            : (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);
        return file;
    }
}
