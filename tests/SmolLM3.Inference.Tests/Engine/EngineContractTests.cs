using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tests.Managed;

namespace SmolLM3.Inference.Tests.Engine;

/// <summary>What every engine does, whatever it runs on. A class for each engine derives from this.</summary>
public abstract class EngineContractTests
{
    /// <summary>Of logits that are the same but for rounding: norm of the difference over norm.</summary>
    protected const double Tolerance = 1e-2;

    private static readonly int[] s_tokens = [.. Enumerable.Range(0, 40).Select(i => ((i * 37) + (i * i)) % 480)];

    /// <summary>Token ids that mean nothing, 40 of them.</summary>
    protected static ReadOnlySpan<int> Tokens => s_tokens;

    /// <summary>Makes the engine, or skips the test where it cannot run.</summary>
    protected abstract IInferenceEngine Create(GgufFile file, EngineOptions options);

    private protected IInferenceEngine Create(
        int context = 64, int sequences = 4, int? capacity = null, KvCacheType kv = KvCacheType.F16) => Create(
        TestModels.Small,
        new EngineOptions
        {
            ContextLength = context, MaxSequences = sequences, MaxBatchRows = 32, CapacityTokens = capacity ?? 256,
            Threads = 2, KvCacheType = kv,
        });

    [Fact]
    public void It_tells_the_model_the_limits_and_itself()
    {
        using IInferenceEngine engine = Create();
        Assert.Equal("smollm3", engine.Model.Architecture);
        Assert.Equal(512, engine.Model.VocabularySize);
        Assert.Equal(65_536, engine.Model.TrainedContextLength);
        Assert.Equal(TestModels.Small.Tensors.Sum(t => t.RowCount * t.Dimensions[0]), engine.Model.ParameterCount);
        Assert.InRange(engine.Model.KvBytesPerToken, 1, 10_000);
        Assert.Equal((64, 4), (engine.Limits.ContextLength, engine.Limits.MaxSequences));
        Assert.InRange(engine.Limits.MaxBatchRows, 1, 32);
        Assert.True(engine.Limits.CapacityTokens >= 256);
        Assert.Equal(engine.Limits.CapacityTokens, engine.FreeTokens);
        Assert.NotEmpty(engine.Info.Name);
        Assert.NotEmpty(engine.Info.Kernels);
        Assert.Equal(2, engine.Info.Threads);
        Assert.Equal(0, engine.Info.GpuLayers);
    }

    [Fact]
    public void A_prompt_gives_the_same_logits_in_one_batch_and_in_pieces()
    {
        using IInferenceEngine engine = Create();
        float[][] whole = Append(engine, 0, Tokens[..20]);
        float[][] pieces =
        [
            .. Append(engine, 1, Tokens[..3]), .. Append(engine, 1, Tokens[3..19]), .. Append(engine, 1, Tokens[19..20]),
        ];
        Assert.Equal(20, whole.Length);
        for (int i = 0; i < whole.Length; i++)
        {
            Assert.All(whole[i], value => Assert.True(float.IsFinite(value)));
            AssertSame(engine, whole[i], pieces[i]);
        }
    }

    [Fact]
    public void Sequences_of_one_batch_do_not_see_each_other()
    {
        using IInferenceEngine engine = Create();
        float[] first = Append(engine, 0, Tokens[..9])[^1], second = Append(engine, 1, Tokens[20..25])[^1];
        Clear(engine);

        // Rows of the two, mixed and of unequal number.
        Batch batch = new(32);
        for (int i = 0; i < 9; i++)
        {
            batch.Add(0, i, Tokens[i], logits: i == 8);
            if (i < 5)
            {
                batch.Add(3, i, Tokens[20 + i], logits: i == 4);
            }
        }

        Assert.Equal(ForwardStatus.Completed, engine.Forward(batch));
        AssertSame(engine, second, engine.GetLogits(0).ToArray());
        AssertSame(engine, first, engine.GetLogits(1).ToArray());
        Assert.Equal((9, 0, 5), (engine.GetLength(0), engine.GetLength(1), engine.GetLength(3)));
    }

    [Fact]
    public void Logits_are_there_for_the_rows_that_asked_and_may_be_written()
    {
        using IInferenceEngine engine = Create();
        Assert.Throws<ArgumentOutOfRangeException>(() => engine.GetLogits(0));
        Batch batch = new(4);
        batch.Add(0, 0, 1);
        batch.Add(0, 1, 2, logits: true);
        batch.Add(1, 0, 3, logits: true);
        engine.Forward(batch);
        Assert.Equal(512, engine.GetLogits(0).Length);
        float before = engine.GetLogits(1)[7];
        engine.GetLogits(0).Fill(1);
        Assert.Equal(1, engine.GetLogits(0)[511]);
        Assert.Equal(before, engine.GetLogits(1)[7]);
        Assert.Throws<ArgumentOutOfRangeException>(() => engine.GetLogits(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => engine.GetLogits(-1));
    }

    [Fact]
    public void A_copied_prefix_goes_on_as_the_original_and_leaves_it_alone()
    {
        using IInferenceEngine engine = Create();
        Append(engine, 0, Tokens[..20]);
        float[] expected = Append(engine, 0, Tokens[20..22])[^1];
        Clear(engine);
        Append(engine, 0, Tokens[..20]);
        Assert.True(engine.CopyPrefix(0, 1, 20));
        Assert.True(engine.CopyPrefix(0, 2, 11));
        Append(engine, 2, Tokens[30..35]);
        AssertSame(engine, expected, Append(engine, 1, Tokens[20..22])[^1]);

        engine.Truncate(1, 0);
        AssertSame(engine, expected, Append(engine, 0, Tokens[20..22])[^1]);
        Assert.Equal((22, 0, 16), (engine.GetLength(0), engine.GetLength(1), engine.GetLength(2)));
    }

    [Fact]
    public void A_cut_sequence_goes_on_as_if_the_rest_had_never_been()
    {
        using IInferenceEngine engine = Create();
        float[] expected = Append(engine, 1, [.. Tokens[..10], .. Tokens[30..33]])[^1];
        Append(engine, 0, Tokens[..20]);
        engine.Truncate(0, 10);
        Assert.Equal(10, engine.GetLength(0));
        AssertSame(engine, expected, Append(engine, 0, Tokens[30..33])[^1]);
        engine.Truncate(0, 0);
        engine.Truncate(0, 0);
        Assert.Equal(0, engine.GetLength(0));
    }

    [Fact]
    public void Without_room_nothing_changes_and_what_is_freed_can_be_used()
    {
        using IInferenceEngine engine = Create(context: 4096, capacity: 256);
        for (int i = 0; engine.FreeTokens >= 32; i++)
        {
            Append(engine, i % 2, Tokens[..32]);
        }

        int length = engine.GetLength(0), free = engine.FreeTokens;
        Batch batch = new(32);
        for (int i = 0; i < 32; i++)
        {
            batch.Add(2, i, 1, logits: i == 31);
        }

        Assert.Equal(ForwardStatus.OutOfRoom, engine.Forward(batch));
        Assert.Equal((length, 0, free), (engine.GetLength(0), engine.GetLength(2), engine.FreeTokens));
        engine.Truncate(1, 0);
        Assert.Equal(ForwardStatus.Completed, engine.Forward(batch));
        Assert.Equal((length, 32), (engine.GetLength(0), engine.GetLength(2)));
    }

    [Fact]
    public void Shared_tokens_take_room_once()
    {
        using IInferenceEngine engine = Create();
        Append(engine, 0, Tokens[..32]);
        int free = engine.FreeTokens;
        Assert.True(engine.CopyPrefix(0, 1, 32));
        Assert.InRange(engine.FreeTokens, free - 31, free);
        engine.Truncate(0, 0);
        engine.Truncate(1, 0);
        Assert.Equal(engine.Limits.CapacityTokens, engine.FreeTokens);
    }

    [Fact]
    public void What_breaks_the_contract_is_refused_and_changes_nothing()
    {
        using IInferenceEngine engine = Create(context: 10);
        Append(engine, 1, Tokens[..2]);
        Refuse(engine);
        Refuse(engine, [.. Enumerable.Range(0, 33).Select(i => (0, i, 1))]);
        Refuse(engine, (4, 0, 1));
        Refuse(engine, (-1, 0, 1));
        Refuse(engine, (0, 0, 512));
        Refuse(engine, (0, 0, -1));
        Refuse(engine, (1, 3, 1));
        Refuse(engine, (1, 2, 1), (1, 2, 1));
        Refuse(engine, [.. Enumerable.Range(0, 11).Select(i => (0, i, 1))]);
        Assert.Throws<ArgumentNullException>(() => engine.Forward(null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => engine.GetLength(4));
        Assert.Throws<ArgumentOutOfRangeException>(() => engine.Truncate(1, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => engine.Truncate(-1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => engine.CopyPrefix(1, 0, 3));
        Assert.Throws<ArgumentException>(() => engine.CopyPrefix(1, 1, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => engine.CopyPrefix(1, 4, 1));
        Assert.Equal((0, 2), (engine.GetLength(0), engine.GetLength(1)));
        Append(engine, 1, Tokens[2..3]);
    }

    [Fact]
    public void After_disposing_nothing_is_computed()
    {
        IInferenceEngine engine = Create();
        Append(engine, 0, Tokens[..2]);
        engine.Dispose();
        engine.Dispose();
        Assert.Throws<ObjectDisposedException>(() => engine.Forward(new Batch(1)));
        Assert.Throws<ObjectDisposedException>(() => engine.GetLogits(0));
        Assert.Throws<ObjectDisposedException>(() => engine.GetLength(0));
        Assert.Throws<ObjectDisposedException>(() => engine.FreeTokens);
        Assert.Throws<ObjectDisposedException>(() => engine.Truncate(0, 0));
        Assert.Throws<ObjectDisposedException>(() => engine.CopyPrefix(0, 1, 1));
        Assert.Throws<ObjectDisposedException>(() => engine.SaveSequence(0, Stream.Null));
        Assert.Throws<ObjectDisposedException>(() => engine.LoadSequence(1, Stream.Null));
        Assert.Throws<ObjectDisposedException>(() => engine.LoadAdapter(TestModels.Small));
        Assert.Throws<ObjectDisposedException>(() => engine.SetAdapters(0, AdapterSet.None));
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        EngineOptions good = new() { ContextLength = 16, Threads = 1 };
        foreach (EngineOptions bad in new[]
        {
            good with { ContextLength = 0 }, good with { MaxSequences = 0 }, good with { MaxBatchRows = 0 },
            good with { CapacityTokens = 0 }, good with { Threads = 0 }, good with { YarnFactor = 0.5f },
        })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => Create(TestModels.Small, bad).Dispose());
        }

        GgufFile stranger = TestModels.Change(
            TestModels.Small, metadata: (key, value) => key == "general.architecture" ? "llama" : value);
        Assert.Throws<UnsupportedModelException>(() => Create(stranger, good).Dispose());
    }

    [Fact]
    public void Two_hundred_engines_leave_no_memory_behind()
    {
        long Round(int rounds)
        {
            for (int i = 0; i < rounds; i++)
            {
                using IInferenceEngine engine = Create();
                Append(engine, 0, Tokens[..4]);
            }

            GC.Collect();
            GC.WaitForPendingFinalizers();
            return Environment.WorkingSet;
        }

        long before = Round(40);
        Assert.InRange(Round(160) - before, long.MinValue, 48 << 20);
    }

    /// <summary>Appends tokens in one batch and gives the logits of each.</summary>
    private protected static float[][] Append(IInferenceEngine engine, int sequence, params ReadOnlySpan<int> tokens)
    {
        Batch batch = new(tokens.Length);
        int start = engine.GetLength(sequence);
        for (int i = 0; i < tokens.Length; i++)
        {
            batch.Add(sequence, start + i, tokens[i], logits: true);
        }

        Assert.Equal(ForwardStatus.Completed, engine.Forward(batch));
        return [.. Enumerable.Range(0, tokens.Length).Select(i => engine.GetLogits(i).ToArray())];
    }

    /// <summary>To the bit where the engine promises that, else but for rounding.</summary>
    private protected static void AssertSame(IInferenceEngine engine, float[] expected, float[] actual)
    {
        if (engine.Info.IsBatchInvariant)
        {
            Assert.Equal(expected, actual);
        }
        else
        {
            Assert.InRange(Distance(expected, actual), 0, Tolerance);
        }
    }

    /// <summary>Norm of the difference over norm, mean taken out.</summary>
    private protected static double Distance(float[] expected, float[] actual)
    {
        double[] e = Centred(expected), a = Centred(actual);
        return Math.Sqrt(e.Zip(a, (x, y) => (x - y) * (x - y)).Sum() / e.Sum(x => x * x));

        static double[] Centred(float[] values)
        {
            double mean = values.Average(value => (double)value);
            return [.. values.Select(value => value - mean)];
        }
    }

    private static void Clear(IInferenceEngine engine)
    {
        for (int sequence = 0; sequence < engine.Limits.MaxSequences; sequence++)
        {
            engine.Truncate(sequence, 0);
        }
    }

    private static void Refuse(IInferenceEngine engine, params (int Sequence, int Position, int Token)[] rows)
    {
        Batch batch = new(40);
        foreach ((int sequence, int position, int token) in rows)
        {
            batch.Add(sequence, position, token);
        }

        Assert.Throws<ArgumentException>(() => engine.Forward(batch));
    }
}
