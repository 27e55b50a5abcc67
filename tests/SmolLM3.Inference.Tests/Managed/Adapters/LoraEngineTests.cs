using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;
using SmolLM3.Inference.Managed.Kernels;
using SmolLM3.Inference.Synthetic;

namespace SmolLM3.Inference.Tests.Managed.Adapters;

/// <summary>What adapters do to logits.</summary>
public sealed class LoraEngineTests
{
    private const int Length = 23;

    private static readonly int[] Prompt = EngineRuns.Tokens(Length, seed: 1, vocabulary: 480);

    // Sizes that are no multiple of any vector.
    private static readonly GgufFile Plain = TestModels.Get("plain", new SyntheticModelOptions
    {
        TensorType = GgufTensorType.F32, HiddenSize = 88, LayerCount = 5, HeadCount = 4, KeyValueHeadCount = 2,
        FeedForwardSize = 70,
    });

    private static readonly GgufFile First = TestAdapters.Make(Plain);
    private static readonly GgufFile Second =
        TestAdapters.Make(Plain, rank: 2, seed: 7, alpha: 0, GgufTensorType.F16);

    public static TheoryData<string> Kernels =>
        [.. KernelSet.All.Where(kernels => kernels.IsSupported).Select(kernels => kernels.Name)];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void An_adapter_computes_what_its_model_with_merged_weights_does(string kernels)
    {
        (float First, float Second)[] scales = [(1, 0), (0, 1), (1, 0.5f), (-0.75f, 2)];
        foreach ((float first, float second) in scales)
        {
            using GgufFile merged = TestAdapters.Merge(Plain, (First, first), (Second, second));
            using ManagedEngine expected = Create(kernels, file: merged);
            using ManagedEngine engine = Create(kernels);
            Load(engine, first, second);
            float[][] logits = expected.Append(0, Prompt), actual = engine.Append(0, Prompt);
            for (int i = 0; i < Length; i++)
            {
                Assert.InRange(
                    EngineRuns.Distance([.. logits[i].Select(value => (double)value)], actual[i]), 0, 1e-4);
            }
        }
    }

    [Fact]
    public void It_makes_a_difference()
    {
        using ManagedEngine engine = Create();
        float[] plain = engine.Append(1, Prompt)[^1];
        Load(engine, 1, 0);
        Assert.InRange(
            EngineRuns.Distance([.. plain.Select(value => (double)value)], engine.Append(0, Prompt)[^1]), 0.05, 1.5);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Logits_are_the_same_to_the_bit_whoever_else_is_in_the_batch(string kernels)
    {
        AdapterSet[] sets = Sets;
        float[][][] alone = [.. sets.Select(set =>
        {
            using ManagedEngine engine = Create(kernels);
            LoadBoth(engine);
            engine.SetAdapters(2, set);
            return Prompt.Select(token => engine.Append(2, token)[0]).ToArray();
        })];
        foreach (int threads in new[] { 1, 2, 3 })
        {
            using ManagedEngine engine = Create(kernels, threads);
            LoadBoth(engine);
            for (int sequence = 0; sequence < sets.Length; sequence++)
            {
                engine.SetAdapters(sequence, sets[sequence]);
            }

            AssertSame(alone, engine);
        }
    }

    [Fact]
    public void Scale_zero_and_no_adapter_are_the_model_itself()
    {
        using ManagedEngine plain = Create();
        using ManagedEngine engine = Create();
        LoadBoth(engine);
        engine.SetAdapters(0, new AdapterSet(new AdapterUse(0, 0), new AdapterUse(1, 0)));
        engine.SetAdapters(1, Sets[1]);
        float[][] expected = plain.Append(0, Prompt);
        Assert.Equal(expected, engine.Append(0, Prompt));
        engine.Append(1, Prompt);
        engine.Truncate(1, 0);
        engine.SetAdapters(1, AdapterSet.None);
        Assert.Equal(expected, engine.Append(1, Prompt));
    }

    [Fact]
    public void A_prefix_is_copied_between_equal_sets_only_and_goes_on_as_computed()
    {
        using ManagedEngine engine = Create(threads: 2);
        Load(engine, 1, 0.5f);
        float[][] expected = engine.Append(0, Prompt);
        Assert.Throws<ArgumentException>(() => engine.CopyPrefix(0, 1, 5));
        engine.SetAdapters(1, engine.GetAdapters(0));
        Assert.True(engine.CopyPrefix(0, 1, 7));
        Assert.Equal(expected[7..], engine.Append(1, Prompt.AsSpan(7)));
        engine.Truncate(0, 3);
        Assert.Equal(expected[3..], engine.Append(0, Prompt.AsSpan(3)));
    }

    [Fact]
    public void An_adapter_in_use_stays_and_one_that_goes_frees_its_memory()
    {
        using ManagedEngine engine = Create();
        Assert.Equal(0, engine.AdapterBytes);
        Load(engine, 1, 1);
        Assert.NotEqual(0, engine.AdapterBytes);
        engine.Append(0, Prompt);
        Assert.Throws<InvalidOperationException>(() => engine.UnloadAdapter(0));
        Assert.Throws<ArgumentException>(() => engine.SetAdapters(0, AdapterSet.None));
        engine.Truncate(0, 0);
        engine.UnloadAdapter(0);
        Assert.Equal(AdapterSet.None, engine.GetAdapters(0));
        Assert.Throws<ArgumentException>(() => engine.SetAdapters(0, new(new AdapterUse(0, 1))));
        engine.UnloadAdapter(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => engine.UnloadAdapter(1));
        Assert.Equal(0, engine.AdapterBytes);
        Assert.Equal(2, engine.LoadAdapter(First));
        using ManagedEngine plain = Create();
        Assert.Equal(plain.Append(0, Prompt), engine.Append(0, Prompt));
    }

    [Fact]
    public void An_adapter_of_another_model_is_refused_and_nothing_is_loaded()
    {
        using ManagedEngine engine = EngineRuns.Create(TestModels.Small);
        GgufFormatException refusal = Assert.Throws<GgufFormatException>(() => engine.LoadAdapter(First));
        Assert.Contains("another base model", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, engine.AdapterBytes);
    }

    [Fact]
    public void The_file_is_not_needed_once_it_is_loaded()
    {
        using ManagedEngine engine = Create();
        using (GgufFile file = TestAdapters.Make(Plain))
        {
            engine.LoadAdapter(file);
        }

        using ManagedEngine other = Create();
        other.LoadAdapter(First);
        engine.SetAdapters(0, new(new AdapterUse(0, 1)));
        other.SetAdapters(0, new(new AdapterUse(0, 1)));
        Assert.Equal(other.Append(0, Prompt), engine.Append(0, Prompt));
    }

    [Fact]
    public void A_step_with_adapters_allocates_nothing()
    {
        using ManagedEngine engine = Create(threads: 2);
        Load(engine, 1, 1);
        Batch batch = new(20);
        Steps();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Steps();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Steps()
        {
            Step(20);
            Step(1);
        }

        void Step(int rows)
        {
            engine.Truncate(0, 0);
            engine.Truncate(1, 0);
            batch.Clear();
            for (int i = 0; i < rows; i++)
            {
                batch.Add(i % 2, i / 2, i, logits: i == rows - 1);
            }

            engine.Forward(batch);
        }
    }

    [Fact]
    public void After_disposing_nothing_is_loaded()
    {
        ManagedEngine engine = Create();
        Load(engine, 1, 1);
        engine.Dispose();
        Assert.Throws<ObjectDisposedException>(() => engine.LoadAdapter(First));
        Assert.Throws<ObjectDisposedException>(() => engine.UnloadAdapter(0));
        Assert.Throws<ObjectDisposedException>(() => engine.SetAdapters(0, AdapterSet.None));
        Assert.Throws<ObjectDisposedException>(() => engine.GetAdapters(0));
    }

    private static AdapterSet[] Sets =>
    [
        AdapterSet.None,
        new(new AdapterUse(0, 1)),
        new(new AdapterUse(1, 0.5f)),
        new(new AdapterUse(1, 1), new AdapterUse(0, -2)),
    ];

    private static ManagedEngine Create(string? kernels = null, int threads = 1, GgufFile? file = null) =>
        EngineRuns.Create(
            file ?? Plain,
            threads: threads,
            kernels: kernels is null ? null : KernelSet.Get(kernels),
            capacity: 200,
            smallWork: 0);

    private static void LoadBoth(ManagedEngine engine)
    {
        Assert.Equal(0, engine.LoadAdapter(First));
        Assert.Equal(1, engine.LoadAdapter(Second));
    }

    private static void Load(ManagedEngine engine, float first, float second)
    {
        LoadBoth(engine);
        engine.SetAdapters(0, new AdapterSet(new AdapterUse(0, first), new AdapterUse(1, second)));
    }

    // Rows of all sequences, thrown together.
    private static void AssertSame(float[][][] alone, ManagedEngine engine)
    {
        Random random = new(4);
        Batch batch = new(64);
        List<(int Sequence, int Position)> asked = [];
        int[] lengths = new int[alone.Length];
        while (lengths.Sum() < alone.Length * Length)
        {
            batch.Clear();
            asked.Clear();
            for (int rows = random.Next(1, 20); rows > 0; rows--)
            {
                int sequence = random.Next(alone.Length);
                if (lengths[sequence] < Length)
                {
                    int position = lengths[sequence]++;
                    batch.Add(sequence, position, Prompt[position], logits: true);
                    asked.Add((sequence, position));
                }
            }

            if (batch.Count > 0)
            {
                Assert.Equal(ForwardStatus.Completed, engine.Forward(batch));
                for (int i = 0; i < asked.Count; i++)
                {
                    Assert.Equal(alone[asked[i].Sequence][asked[i].Position], engine.GetLogits(i).ToArray());
                }
            }
        }
    }
}
