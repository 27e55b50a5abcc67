using System.Globalization;
using System.Runtime.InteropServices;
using SmolLM3.Inference.Managed.Kernels;
using SmolLM3.TinyModelTests.Soak;

namespace SmolLM3.Benchmarks;

/// <summary>The soak at length.</summary>
internal static class SoakReport
{
    private const string PagePath = "docs/benchmarks/soak.md";
    private const int DefaultRequests = 10_000;
    private const int DefaultSeed = 1;

    // Many times what they take; longer is a deadlock.
    private static readonly TimeSpan s_patience = TimeSpan.FromHours(1);

    /// <summary>Soaks and writes the page, or says what went wrong.</summary>
    /// <param name="arguments"><c>requests=10000</c>, <c>seed=1</c>.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        (int requests, int seed) = (DefaultRequests, DefaultSeed);
        foreach (string argument in arguments)
        {
            switch (argument.Split('='))
            {
                case ["requests", var count]:
                    requests = int.Parse(count, CultureInfo.InvariantCulture);
                    break;
                case ["seed", var number]:
                    seed = int.Parse(number, CultureInfo.InvariantCulture);
                    break;
                default:
                    throw new ArgumentException($"'{argument}' is neither requests=N nor seed=N.");
            }
        }

        SoakResult result = await new SoakRun(seed).RunAsync(requests, s_patience);
        foreach (string complaint in result.Complaints)
        {
            await Console.Error.WriteLineAsync(complaint);
        }

        if (result.Complaints.Count > 0)
        {
            return 1;
        }

        await File.WriteAllTextAsync(PagePath, ToPage(result, requests, seed).ReplaceLineEndings("\n"));
        return 0;
    }

    private static string ToPage(SoakResult result, int requests, int seed)
    {
        IEnumerable<string> rows = result.Outcomes.OrderBy(pair => pair.Key).Select(
            pair => $"| {Describe(pair.Key)} | {Number(pair.Value)} |");
        string machine = $"{KernelReport.Processor()}, {Environment.ProcessorCount} cores, {KernelSet.Default.Name} kernels, "
            + RuntimeInformation.FrameworkDescription;
        string asked = $"{Number(requests)} random requests to the tiny model by {SoakRun.Callers}";
        string speed = $"{result.Time.TotalSeconds:F0} s, {requests / result.Time.TotalSeconds:F0} requests/s";
        return $"""
            # Soak

            Written by `dotnet run -c Release --project tests/SmolLM3.Benchmarks -- soak requests={requests} seed={seed}` on
            {DateTime.UtcNow:yyyy-MM-dd}: {machine}.

            {asked} callers at once, in room for a few of them: lengths, tools, schemas,
            stops, options, bad input, cancellations at any moment, streams left early, and constraints of the caller's that
            throw. Each ended once, in a way it may; whenever one started, the books of scheduler, prefix cache and engine
            agreed and no block was lost; nothing hung.

            | ended by | requests |
            |---|---|
            {string.Join('\n', rows)}

            {speed}. For lack of room a request gave up its place {Number(result.Parked)} times, and a kept prefix
            was dropped {Number(result.Evicted)} times.

            | memory, nothing in flight | after a third | at the end |
            |---|---|---|
            | managed objects alive | {Megabytes(result.HeapAfterThird)} | {Megabytes(result.HeapAtEnd)} |
            | working set of the process | {Megabytes(result.WorkingSetAfterThird)} | {Megabytes(result.WorkingSetAtEnd)} |

            """;
    }

    private static string Describe(SoakOutcome outcome) => outcome switch
    {
        SoakOutcome.Stop => "a whole answer",
        SoakOutcome.Length => "the token limit",
        SoakOutcome.ToolCalls => "a call",
        SoakOutcome.Cancelled => "cancellation",
        SoakOutcome.Abandoned => "leaving the stream, or never reading it",
        SoakOutcome.Refused => "the exception its mistake gets",
        SoakOutcome.OwnError => "what its own constraint threw",
        _ => outcome.ToString(),
    };

    private static string Number(int value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Megabytes(long bytes) => (bytes / 1e6).ToString("F1", CultureInfo.InvariantCulture) + " MB";
}
