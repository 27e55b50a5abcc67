using Spectre.Console;

namespace SmolLM3.Cli.Benchmarks;

/// <summary>Writes the results of load tests: as JSON lines, each when it is there, or as one table at the end.</summary>
internal sealed class LoadReport(bool json)
{
    private static readonly string[] s_columns =
    [
        "clients", "cancelled", "threads", "tokens/s", "completed", "× one",
        "first", "99 %", "gap", "99 %", "cached",
    ];

    private readonly List<LoadResult> _results = [];

    public void Add(LoadResult result)
    {
        _results.Add(result);
        if (json)
        {
            Console.WriteLine(Json.Line(result));
        }
    }

    public void Finish()
    {
        if (json)
        {
            return;
        }

        Table table = new Table().Border(TableBorder.Simple);
        foreach (string column in s_columns)
        {
            table.AddColumn(new TableColumn(column).NoWrap().RightAligned().Padding(0, 0));
        }

        foreach (LoadResult r in _results)
        {
            table.AddRow(
                $"{r.Clients}", $"{r.Cancelled} of {r.Requests}", $"{r.Threads}",
                $"{r.TokensPerSecond:F1}", $"{r.CompletedTokensPerSecond:F1}", TimesOne(r),
                $"{r.FirstTokenP50Milliseconds:F0}", $"{r.FirstTokenP99Milliseconds:F0}",
                $"{r.GapP50Milliseconds:F0}", $"{r.GapP99Milliseconds:F0}", $"{r.CachedShare:P0}");
        }

        LoadResult any = _results[0];
        AnsiConsole.Write(table.Caption(
            $"{any.Kernel} kernels; prompts of {any.HeadTokens} shared and {any.OwnTokens} own tokens, answers of "
            + $"{any.AnswerTokens}; first token and gaps in milliseconds, median and 99 %, of completed requests"));
    }

    /// <summary>The speed as a multiple of that of one client, if that was measured.</summary>
    private string TimesOne(LoadResult result) =>
        _results.Find(r => r.Clients == 1 && r.CancelledPercent == 0 && r.Threads == result.Threads) is { } one
            ? $"{result.TokensPerSecond / one.TokensPerSecond:F2}"
            : "";
}
