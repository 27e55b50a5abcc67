using SmolLM3.Inference.Engine;

namespace SmolLM3.Cli.Benchmarks;

/// <summary>What a load test found; its properties are the keys of its JSON line.</summary>
internal sealed record LoadResult
{
    public string Test => "load";

    public required int Clients { get; init; }

    public required int Requests { get; init; }

    public required int CancelledPercent { get; init; }

    /// <summary>Requests that were given up.</summary>
    public required int Cancelled { get; init; }

    public required int HeadTokens { get; init; }

    public required int OwnTokens { get; init; }

    public required int AnswerTokens { get; init; }

    public required int Threads { get; init; }

    public required string Kernel { get; init; }

    /// <summary>From the first request to the end of the last.</summary>
    public required double Seconds { get; init; }

    /// <summary>Tokens that came to all clients, those of cancelled requests included.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Tokens of answers that were whole in the end.</summary>
    public required double CompletedTokensPerSecond { get; init; }

    /// <summary>From asking to the first token. Of completed requests, as all times here.</summary>
    public required double FirstTokenP50Milliseconds { get; init; }

    public required double FirstTokenP99Milliseconds { get; init; }

    /// <summary>From one token to the next.</summary>
    public required double GapP50Milliseconds { get; init; }

    public required double GapP99Milliseconds { get; init; }

    /// <summary>Of the prompt tokens of completed requests, those that were known and not computed.</summary>
    public required double CachedShare { get; init; }

    /// <summary>See <see cref="ResidentMemory"/>.</summary>
    public required long ResidentBytes { get; init; }

    public static LoadResult Of(LoadTest test, EngineInfo engine, LoadAnswer[] answers, TimeSpan time)
    {
        LoadAnswer[] whole = [.. answers.Where(answer => answer.IsWhole)];
        double[] first = Milliseconds(whole.Select(answer => answer.FirstToken));
        double[] gaps = Milliseconds(whole.SelectMany(answer => answer.Gaps));
        long promptTokens = (long)whole.Length * (test.HeadTokens + test.OwnTokens);
        return new LoadResult
        {
            Clients = test.Clients,
            Requests = test.Requests,
            CancelledPercent = test.CancelledPercent,
            Cancelled = answers.Length - whole.Length,
            HeadTokens = test.HeadTokens,
            OwnTokens = test.OwnTokens,
            AnswerTokens = test.AnswerTokens,
            Threads = engine.Threads,
            Kernel = engine.Kernels,
            Seconds = Math.Round(time.TotalSeconds, 3),
            TokensPerSecond = Math.Round(answers.Sum(answer => answer.Tokens) / time.TotalSeconds, 3),
            CompletedTokensPerSecond = Math.Round(whole.Sum(answer => answer.Tokens) / time.TotalSeconds, 3),
            FirstTokenP50Milliseconds = Percentile(first, 50),
            FirstTokenP99Milliseconds = Percentile(first, 99),
            GapP50Milliseconds = Percentile(gaps, 50),
            GapP99Milliseconds = Percentile(gaps, 99),
            CachedShare = Math.Round(whole.Sum(answer => (long)answer.CachedTokens) / (double)promptTokens, 3),
            ResidentBytes = ResidentMemory.Measure(),
        };
    }

    /// <summary>The least value that so many percent do not exceed.</summary>
    internal static double Percentile(double[] sorted, int percent) =>
        sorted[(((sorted.Length * percent) + 99) / 100) - 1];

    private static double[] Milliseconds(IEnumerable<TimeSpan> times) =>
        [.. times.Select(time => Math.Round(time.TotalMilliseconds, 3)).Order()];
}
