using System.Diagnostics;
using SmolLM3.Extensions.Generation;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Cli.Benchmarks;

/// <summary>Runs load tests on the generator, with one number of threads after the other.</summary>
internal sealed record LoadRun
{
    /// <summary>Tokens of the answer before the tests, which does not count: by its end the JIT is done.</summary>
    private const int WarmUpTokens = 16;

    public required string Path { get; init; }

    public required IReadOnlyList<LoadTest> Tests { get; init; }

    public required IReadOnlyList<int> Threads { get; init; }

    public string? Kernels { get; init; }

    public KvCacheType KvCacheType { get; init; }

    public float? YarnFactor { get; init; }

    /// <summary>How often a run says <see cref="BenchProgress.Step"/>.</summary>
    public int Steps => Threads.Count * (1 + Tests.Count);

    public void Run(LoadReport report, BenchProgress progress, CancellationToken cancellationToken)
    {
        using GgufFile file = GgufFile.Open(Path);
        var requests = new LoadRequests(Tokenizer.FromGguf(file), Tests[0].HeadTokens);
        foreach (int threads in Threads)
        {
            using var engine = new ManagedEngine(file, ToEngineOptions(threads));
            RunAsync(engine, requests, report, progress, cancellationToken).GetAwaiter().GetResult();
        }
    }

    private async Task RunAsync(
        ManagedEngine engine,
        LoadRequests requests,
        LoadReport report,
        BenchProgress progress,
        CancellationToken cancellationToken)
    {
        await using var generator = new LocalGenerator(engine);

        // The head is stored from here on, as a system prompt is after a server's first request.
        progress.Step("warming up");
        LoadTest warmUp = Tests[0] with
        {
            Clients = 1, Requests = 1, CancelledPercent = 0, AnswerTokens = Math.Min(WarmUpTokens, Tests[0].AnswerTokens),
        };
        await new LoadClients(generator, warmUp, requests.Next(warmUp)).RunAsync(cancellationToken);

        foreach (LoadTest test in Tests)
        {
            progress.Step($"{test.Requests} requests of {test.Clients} clients, {test.CancelledPercent} % cancelled");
            var clients = new LoadClients(generator, test, requests.Next(test));
            long start = Stopwatch.GetTimestamp();
            LoadAnswer[] answers = await clients.RunAsync(cancellationToken);
            report.Add(LoadResult.Of(test, engine.Info, answers, Stopwatch.GetElapsedTime(start)));
        }
    }

    private EngineOptions ToEngineOptions(int threads)
    {
        long capacity = Tests.Max(test => test.CapacityTokens);
        int clients = Tests.Max(test => test.Clients);
        return new EngineOptions
        {
            ContextLength = Tests[0].ContextLength,
            CapacityTokens = capacity <= int.MaxValue
                ? (int)capacity
                : throw new InsufficientMemoryException($"{capacity:N0} tokens are more than any engine holds."),
            MaxSequences = clients,
            MaxBatchRows = Math.Max(clients, EngineDefaults.MaxBatchRows),
            Threads = threads,
            Kernels = Kernels,
            KvCacheType = KvCacheType,
            YarnFactor = YarnFactor,
        };
    }
}
