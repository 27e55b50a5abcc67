using System.Globalization;
using Spectre.Console;

namespace SmolLM3.Cli.Benchmarks;

/// <summary>Writes results: as JSON lines, each when it is there, or as one table at the end.</summary>
internal sealed class BenchReport(bool json)
{
    private static readonly string[] s_figures =
        ["depth", "seqs", "threads", "tokens/s", "min", "max", "GB/s", "share", "resident"];

    private readonly List<BandwidthResult> _bandwidths = [];
    private readonly List<SpeedResult> _speeds = [];

    public void Add(BandwidthResult result)
    {
        _bandwidths.Add(result);
        WriteLine(result);
    }

    public void Add(SpeedResult result)
    {
        _speeds.Add(result);
        WriteLine(result);
    }

    public void Finish()
    {
        if (json)
        {
            return;
        }

        Table table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn("test").NoWrap().Padding(0, 0));
        foreach (string head in s_figures)
        {
            table.AddColumn(new TableColumn(head).NoWrap().RightAligned().Padding(0, 0));
        }

        foreach (SpeedResult r in _speeds)
        {
            table.AddRow(
                r.Test, $"{r.Depth:N0}", $"{r.Sequences}", $"{r.Threads}",
                Short(r.TokensPerSecond), Short(r.Min), Short(r.Max),
                $"{r.BytesPerSecond / 1e9:F1}", $"{r.ShareOfBandwidth:P0}", ByteText.Of(r.ResidentBytes));
        }

        string bandwidths = string.Join("; ", _bandwidths.Select(ToCaption));
        AnsiConsole.Write(table.Caption($"{_speeds[0].Kernel} kernels; {bandwidths}"));
    }

    /// <summary>Three or four digits: more would be noise, and the table has to fit 80 columns.</summary>
    private static string Short(double speed) => speed.ToString(
        speed switch { >= 100 => "F0", >= 10 => "F1", _ => "F2" }, CultureInfo.InvariantCulture);

    private static string ToCaption(BandwidthResult bandwidth) =>
        $"{bandwidth.Threads} threads read memory at {bandwidth.BytesPerSecond / 1e9:F1} GB/s";

    private void WriteLine<T>(T result)
    {
        if (json)
        {
            Console.WriteLine(Json.Line(result));
        }
    }
}
