using System.Diagnostics;
using System.Globalization;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;
using SmolLM3.Inference.Synthetic;

namespace SmolLM3.Benchmarks;

/// <summary>What an adapter costs: a prompt, a decode, and a crowd of which half uses it, with and without, in
/// turns.</summary>
internal static class LoraReport
{
    private const int Rounds = 5;
    private const int PromptTokens = 512;
    private const int DecodeTokens = 24;
    private const int Crowd = 8;

    /// <summary>Measures on a file and prints.</summary>
    public static void Run(string model, int rank)
    {
        using GgufFile file = GgufFile.Open(model);
        using ManagedEngine engine = new(file, new EngineOptions
        {
            ContextLength = 1024, CapacityTokens = 8192, MaxSequences = Crowd, Threads = BenchmarkSettings.Threads,
        });
        (int adapter, double seconds) = Load(engine, file, rank);
        AdapterSet set = new(new AdapterUse(adapter, 1));
        Print($"rank {rank}: loaded in {seconds:F2} s, {engine.AdapterBytes / 1e6:F0} MB, {engine.Info.Kernels}");
        AdapterSet[] alone = [AdapterSet.None], adapted = [set];
        AdapterSet[] crowd = [.. Enumerable.Repeat(AdapterSet.None, Crowd)];
        Compare($"prompt of {PromptTokens}", engine, alone, adapted, PromptTokens, steps: 1);
        Compare("decode", engine, alone, adapted, rows: 1, DecodeTokens);
        Compare($"{Crowd} decode, half with it", engine, crowd, [.. crowd.Select((none, i) => i % 2 == 0 ? none : set)],
            rows: 1, DecodeTokens);
    }

    private static (int Adapter, double Seconds) Load(ManagedEngine engine, GgufFile model, int rank)
    {
        using MemoryStream stream = new();
        SyntheticAdapter.Write(stream, model, new() { Rank = rank, Alpha = rank });
        stream.Position = 0;
        using GgufFile file = GgufFile.Load(stream);
        long start = Stopwatch.GetTimestamp();
        return (engine.LoadAdapter(file), Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    // Medians of A B A B: memory's speed changes from minute to minute.
    private static void Compare(
        string name, ManagedEngine engine, AdapterSet[] without, AdapterSet[] with, int rows, int steps)
    {
        List<double> plain = [], adapted = [];
        for (int round = -1; round < Rounds; round++)
        {
            double a = Time(engine, without, rows, steps), b = Time(engine, with, rows, steps);
            if (round >= 0)
            {
                plain.Add(a);
                adapted.Add(b);
            }
        }

        double ratio = Median(plain.Zip(adapted, (a, b) => b / a));
        double tokens = without.Length * rows * steps;
        (double before, double after) = (Median(plain), Median(adapted));
        Print($"{name}: {tokens / before:F1} tokens/s without, {tokens / after:F1} with; time x {ratio:F3}");
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);

    private static double Time(ManagedEngine engine, AdapterSet[] sets, int rows, int steps)
    {
        for (int sequence = 0; sequence < sets.Length; sequence++)
        {
            engine.Truncate(sequence, 0);
            engine.SetAdapters(sequence, sets[sequence]);
        }

        Batch batch = new(rows * sets.Length);
        long start = Stopwatch.GetTimestamp();
        for (int step = 0; step < steps; step++)
        {
            batch.Clear();
            for (int i = 0; i < rows * sets.Length; i++)
            {
                int position = (step * rows) + (i % rows);
                int token = (int)(((position * 7919L) + i) % engine.Model.VocabularySize);
                batch.Add(i / rows, position, token, logits: i % rows == rows - 1);
            }

            engine.Forward(batch);
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
