using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;
using SmolLM3.Inference.Synthetic;

namespace SmolLM3.Inference.Tests.Managed;

public sealed class ManagedEngineTests
{
    [Fact]
    public void It_tells_what_it_loaded_and_how_much_it_takes()
    {
        EngineOptions options = new() { ContextLength = 50, Threads = 2, MaxSequences = 3, MaxBatchRows = 7 };
        using ManagedEngine engine = new(TestModels.Small, options);
        Assert.Equal("smollm3", engine.Model.Architecture);
        Assert.Equal(512, engine.Model.VocabularySize);
        Assert.Equal(65_536, engine.Model.TrainedContextLength);
        Assert.Equal(5 * 2 * 64 * 2, engine.Model.KvBytesPerToken);
        Assert.Equal(TestModels.Small.Tensors.Sum(t => t.RowCount * t.Dimensions[0]), engine.Model.ParameterCount);
        Assert.Equal("managed", engine.Info.Name);
        Assert.Equal(2, engine.Info.Threads);
        Assert.True(engine.Info.IsBatchInvariant);
        Assert.Equal((50, 3, 7), (engine.Limits.ContextLength, engine.Limits.MaxSequences, engine.Limits.MaxBatchRows));
        Assert.InRange(engine.Limits.CapacityTokens, 50, 50 + KvDefaults.BlockTokens);
        Assert.Equal(engine.Limits.CapacityTokens, engine.FreeTokens);
    }

    [Fact]
    public void Rows_that_break_the_contract_are_refused_and_change_nothing()
    {
        using ManagedEngine engine = EngineRuns.Create(TestModels.Small, context: 10, rows: 4);
        engine.Append(1, 5, 6);
        Refuse(engine, "is empty");
        Refuse(engine, "at most 4", (0, 0, 1), (0, 1, 1), (0, 2, 1), (0, 3, 1), (0, 4, 1));
        Refuse(engine, "Sequence 4", (4, 0, 1));
        Refuse(engine, "Sequence -1", (-1, 0, 1));
        Refuse(engine, "Token 512", (0, 0, 512));
        Refuse(engine, "Token -1", (0, 0, -1));
        Refuse(engine, "goes on at position 2", (1, 3, 1));
        Refuse(engine, "goes on at position 3", (1, 2, 1), (1, 2, 1));
        engine.Append(1, [.. new int[4]]);
        engine.Append(1, [.. new int[4]]);
        Refuse(engine, "outside the context of 10", (1, 10, 1));
        Assert.Throws<ArgumentNullException>(() => engine.Forward(null!));
        Assert.Equal(10, engine.GetLength(1));
        Assert.Equal(0, engine.GetLength(0));
        engine.Store.CheckIntegrity();
    }

    [Fact]
    public void Without_room_for_the_whole_batch_nothing_is_stored()
    {
        using ManagedEngine engine = EngineRuns.Create(TestModels.Small, context: 40, capacity: 16);
        engine.Append(0, EngineRuns.Tokens(9));
        Batch batch = new(8);
        batch.Add(0, 9, 1);
        for (int i = 0; i < 5; i++)
        {
            batch.Add(1, i, 1);
        }

        Assert.Equal(ForwardStatus.OutOfRoom, engine.Forward(batch));
        Assert.Equal((9, 0, 4), (engine.GetLength(0), engine.GetLength(1), engine.FreeTokens));
        engine.Store.CheckIntegrity();

        engine.Truncate(0, 8);
        batch.Clear();
        for (int i = 0; i < 5; i++)
        {
            batch.Add(1, i, 1);
        }

        Assert.Equal(ForwardStatus.Completed, engine.Forward(batch));
        Assert.Equal(0, engine.FreeTokens);
    }

    [Fact]
    public void Logits_may_be_written_and_are_there_only_for_rows_that_asked()
    {
        using ManagedEngine engine = EngineRuns.Create(TestModels.Small);
        Assert.Throws<ArgumentOutOfRangeException>(() => engine.GetLogits(0));
        Batch batch = new(3);
        batch.Add(0, 0, 1);
        Assert.Equal(0, batch.Add(0, 1, 2, logits: true));
        Assert.Equal(1, batch.Add(1, 0, 2, logits: true));
        engine.Forward(batch);
        float before = engine.GetLogits(1)[7];
        engine.GetLogits(0).Fill(1);
        Assert.Equal(1, engine.GetLogits(0)[511]);
        Assert.Equal(before, engine.GetLogits(1)[7]);
        Assert.Throws<ArgumentOutOfRangeException>(() => engine.GetLogits(2));
    }

    [Fact]
    public void A_prefix_goes_only_into_an_empty_sequence_and_is_no_longer_than_its_source()
    {
        using ManagedEngine engine = EngineRuns.Create(TestModels.Small);
        engine.Append(0, 1, 2, 3);
        Assert.Throws<ArgumentOutOfRangeException>(() => engine.CopyPrefix(0, 1, 4));
        Assert.Throws<ArgumentException>(() => engine.CopyPrefix(0, 0, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => engine.CopyPrefix(0, 4, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => engine.Truncate(0, 4));
        Assert.True(engine.CopyPrefix(0, 1, 0));
        Assert.Equal(0, engine.GetLength(1));
    }

    [Fact]
    public void A_step_allocates_nothing()
    {
        using ManagedEngine engine = EngineRuns.Create(TestModels.Small, context: 200, threads: 2, smallWork: 0);
        Batch prompt = new(40), step = new(2);
        for (int i = 0; i < 40; i++)
        {
            prompt.Add(0, i, i, logits: i > 37);
        }

        Step(0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Step(1);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Step(int round)
        {
            engine.Truncate(0, 0);
            engine.Forward(prompt);
            for (int i = 0; i < 20; i++)
            {
                step.Clear();
                step.Add(0, 40 + i, i, logits: true);
                step.Add(1, (20 * round) + i, i, logits: true);
                engine.Forward(step);
            }
        }
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        EngineOptions good = new() { ContextLength = 16 };
        foreach (EngineOptions bad in new[]
        {
            good with { ContextLength = 0 }, good with { MaxSequences = 0 }, good with { MaxBatchRows = 0 },
            good with { CapacityTokens = 0 }, good with { Threads = 0 }, good with { YarnFactor = 0.5f },
            good with { YarnFactor = float.NaN },
        })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new ManagedEngine(TestModels.Small, bad).Dispose());
        }
    }

    [Fact]
    public void The_kernels_asked_for_compute_and_unknown_ones_are_refused()
    {
        EngineOptions scalar = new() { ContextLength = 16, Kernels = "scalar" };
        using ManagedEngine engine = new(TestModels.Small, scalar);
        Assert.Equal("scalar", engine.Info.Kernels);

        ArgumentException refusal = Assert.Throws<ArgumentException>(
            () => new ManagedEngine(TestModels.Small, scalar with { Kernels = "mmx" }).Dispose());
        Assert.Contains("scalar", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_context_that_cannot_fit_is_refused_with_its_numbers()
    {
        EngineOptions options = new() { ContextLength = 2_000_000_000 };
        InsufficientMemoryException refusal =
            Assert.Throws<InsufficientMemoryException>(() => new ManagedEngine(TestModels.Small, options).Dispose());
        Assert.Contains("1,280 bytes each", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Yarn_lengthens_the_context_the_model_is_made_for()
    {
        using ManagedEngine engine = EngineRuns.Create(TestModels.Small, yarn: 2);
        Assert.Equal(131_072, engine.Model.TrainedContextLength);

        GgufFile stretched = TestModels.Get("stretched", new SyntheticModelOptions
        {
            TensorType = GgufTensorType.Q8_0, ContextLength = 131_072, YarnFactor = 2,
        });
        using ManagedEngine asFile = EngineRuns.Create(stretched);
        Assert.Equal(131_072, asFile.Model.TrainedContextLength);
        using ManagedEngine without = EngineRuns.Create(stretched, yarn: 1);
        Assert.Equal(65_536, without.Model.TrainedContextLength);
    }

    [Fact]
    public void After_disposing_nothing_is_computed()
    {
        ManagedEngine engine = EngineRuns.Create(TestModels.Small);
        engine.Append(0, 1);
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
    }

    private static void Refuse(
        ManagedEngine engine, string message, params (int Sequence, int Position, int Token)[] rows)
    {
        Batch batch = new(8);
        foreach ((int sequence, int position, int token) in rows)
        {
            batch.Add(sequence, position, token);
        }

        ArgumentException refusal = Assert.Throws<ArgumentException>(() => engine.Forward(batch));
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }
}
