using System.Collections.Concurrent;
using CsCheck;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;
using SmolLM3.Inference.Managed.Kernels;
using SmolLM3.Inference.Synthetic;

namespace SmolLM3.Inference.Tests.Managed;

public sealed class DeterminismTests
{
    private const int Length = 41;

    private static readonly int[] Prompt = EngineRuns.Tokens(Length, seed: 1);

    private static readonly ConcurrentDictionary<string, float[][]> Expected = new();

    public static TheoryData<string> Kernels =>
        [.. KernelSet.All.Where(kernels => kernels.IsSupported).Select(kernels => kernels.Name)];

    // Q4_K and Q6_K, the types most real files are made of, and four layers, the last without positions.
    private static GgufFile Model => TestModels.Get("four layers", new SyntheticModelOptions { LayerCount = 4 });

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Logits_are_the_same_however_a_prompt_is_cut_and_however_many_threads_run(string kernels)
    {
        float[][] expected = OneByOne(kernels);
        foreach (int threads in new[] { 1, 2, 3, 7 })
        {
            using ManagedEngine engine = Create(kernels, threads);
            Assert.Equal(expected, engine.Append(0, Prompt));
            Gen.Int[1, 20].List[Length].Sample(
                cuts =>
                {
                    engine.Truncate(0, 0);
                    List<float[]> actual = [];
                    foreach (int cut in cuts.TakeWhile(_ => actual.Count < Length))
                    {
                        int count = Math.Min(cut, Length - actual.Count);
                        actual.AddRange(engine.Append(0, Prompt.AsSpan(actual.Count, count)));
                    }

                    Assert.Equal(expected, actual);
                },
                iter: 1,
                threads: 1);
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Logits_are_the_same_whoever_else_is_in_the_batch(string kernels)
    {
        float[][] expected = OneByOne(kernels);
        using ManagedEngine engine = Create(kernels, threads: 2);
        Random random = new(4);
        int[] others = EngineRuns.Tokens(400, seed: 5);
        Batch batch = new(64);
        List<float[]> actual = [];
        while (actual.Count < Length)
        {
            batch.Clear();
            int mine = Math.Min(random.Next(1, 6), Length - actual.Count);
            int[] rest = [mine, random.Next(7), random.Next(5), random.Next(9)];
            int[] lengths = [.. Enumerable.Range(0, 4).Select(engine.GetLength)];
            List<int> indices = [];
            while (rest.Sum() > 0)
            {
                int sequence = random.Next(4);
                if (rest[sequence]-- <= 0)
                {
                    rest[sequence] = 0;
                    continue;
                }

                int token = sequence == 0 ? Prompt[lengths[0]] : others[random.Next(others.Length)];
                bool asks = sequence == 0 || random.Next(2) == 0;
                int index = batch.Add(sequence, lengths[sequence]++, token, asks);
                if (sequence == 0)
                {
                    indices.Add(index);
                }
            }

            Assert.Equal(ForwardStatus.Completed, engine.Forward(batch));
            actual.AddRange(indices.Select(index => engine.GetLogits(index).ToArray()));
        }

        Assert.Equal(expected, actual);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Logits_are_the_same_after_copying_a_prefix_and_after_truncating(string kernels)
    {
        float[][] expected = OneByOne(kernels);
        using ManagedEngine engine = Create(kernels, threads: 2);
        engine.Append(0, Prompt);
        foreach (int keep in new[] { 1, 7, 32, Length - 1 })
        {
            Assert.True(engine.CopyPrefix(0, 1, keep));
            Assert.Equal(expected[keep..], engine.Append(1, Prompt.AsSpan(keep)));
            engine.Truncate(1, keep / 2);
            Assert.Equal(expected[(keep / 2)..], engine.Append(1, Prompt.AsSpan(keep / 2)));

            // What the copy did to blocks it shares has not touched the original.
            engine.Truncate(0, keep);
            Assert.Equal(expected[keep..], engine.Append(0, Prompt.AsSpan(keep)));
            engine.Truncate(1, 0);
        }

        engine.Store.CheckIntegrity();
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Rows_that_ask_for_no_logits_change_nothing_for_those_that_do(string kernels)
    {
        float[] expected = OneByOne(kernels)[^1];
        using ManagedEngine engine = Create(kernels, threads: 3);
        Batch batch = new(Length);
        for (int i = 0; i < Length; i++)
        {
            batch.Add(0, i, Prompt[i], logits: i == Length - 1);
        }

        engine.Forward(batch);
        Assert.Equal(expected, engine.GetLogits(0).ToArray());
    }

    [Fact]
    public async Task Engines_at_work_at_once_give_what_each_gives_alone()
    {
        string kernels = KernelSet.Default.Name;
        float[][] expected = OneByOne(kernels);
        await Task.WhenAll(Enumerable.Range(1, 3).Select(workers => Task.Run(() =>
        {
            using ManagedEngine engine = Create(kernels, workers);
            for (int round = 0; round < 10; round++)
            {
                engine.Truncate(0, 0);
                Assert.Equal(expected, engine.Append(0, Prompt));
            }
        })));
    }

    [Fact]
    public void Logits_from_keys_and_values_of_8_bits_are_the_same_however_a_prompt_is_cut()
    {
        using ManagedEngine alone = EngineRuns.Create(Model, kv: KvCacheType.Q8_0);
        float[][] expected = [.. Prompt.Select(token => alone.Append(0, token)[0])];
        using ManagedEngine engine = EngineRuns.Create(Model, kv: KvCacheType.Q8_0, threads: 3, smallWork: 0);
        Assert.Equal(expected, engine.Append(0, Prompt));
        engine.Truncate(0, 5);
        Assert.Equal(expected[5..], engine.Append(0, Prompt.AsSpan(5)));
    }

    private static float[][] OneByOne(string kernels) => Expected.GetOrAdd(kernels, _ =>
    {
        using ManagedEngine engine = Create(kernels, threads: 1);
        return [.. Prompt.Select(token => engine.Append(0, token)[0])];
    });

    private static ManagedEngine Create(string kernels, int threads) => EngineRuns.Create(
        Model, threads: threads, kernels: KernelSet.Get(kernels), capacity: 600, context: 200, smallWork: 0);
}
