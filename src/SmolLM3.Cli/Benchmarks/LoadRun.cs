using System.Diagnostics;
using SmolLM3.Extensions.Generation;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Cli.Benchmarks;

/// <summary>Runs load tests on the generator, with one number of threads after the other.</summary>
internal sealed record LoadRun
{
    /// <summary>Tokens of the answer before the tests, which does not count: by its end the JIT is done.</summary>
    private const int WarmUpTokens = 16;

    public required EngineSettings Engine { get; init; }

    public required IReadOnlyList<LoadTest> Tests { get; init; }

    /// <summary>How often a run says <see cref="BenchProgress.Step"/>.</summary>
    public int Steps => Engine.Threads.Count * (1 + Tests.Count);

    public void Run(LoadReport report, BenchProgress progress, CancellationToken cancellationToken)
    {
        using GgufFile file = Engine.Model.Open();
        var requests = new LoadRequests(Tokenizer.FromGguf(file), Tests[0].HeadTokens);
        long capacity = Tests.Max(test => test.CapacityTokens);
        int clients = Tests.Max(test => test.Clients);
        foreach (int threads in Engine.Threads)
        {
            using ManagedEngine engine = Engine.Create(file, threads, Tests[0].ContextLength, capacity, clients);
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
}
