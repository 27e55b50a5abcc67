using System.Text.Json;
using ScottPlot;

namespace SmolLM3.Benchmarks;

/// <summary>Draws decode speed against depth, from the results of <c>tests/peers/benchmarks.mjs</c>.</summary>
internal static class DecodePlot
{
    private const int Width = 900;
    private const int Height = 500;

    private sealed record Point(double Depth, double Ours, double Theirs);

    /// <summary>Writes a picture, SVG or PNG by its name.</summary>
    public static void Save(string resultsPath, string picturePath)
    {
        using JsonDocument results = JsonDocument.Parse(File.ReadAllBytes(resultsPath));
        // Of the machines, files and kernel sets the one measured at most depths. A piece measured again replaces the
        // earlier one.
        IGrouping<string, JsonElement> runs = results.RootElement.EnumerateArray()
            .GroupBy(Title)
            .MaxBy(group => group.SelectMany(Points).Select(point => point.Depth).Distinct().Count())!;
        Point[] points = [.. runs
            .SelectMany(Points)
            .GroupBy(point => point.Depth)
            .Select(same => same.Last())
            .OrderBy(point => point.Depth)];
        Plot plot = Draw(points, runs.Key);
        if (picturePath.EndsWith(".svg", StringComparison.OrdinalIgnoreCase))
        {
            plot.SaveSvg(picturePath, Width, Height);
        }
        else
        {
            plot.SavePng(picturePath, Width, Height);
        }
    }

    private static Plot Draw(Point[] points, string title)
    {
        // A light card of its own: it reads the same on light and dark pages.
        var plot = new Plot();
        plot.FigureBackground.Color = Colors.White;
        plot.DataBackground.Color = Color.FromHex("#fafafa");
        plot.Grid.MajorLineColor = Color.FromHex("#e3e3e3");
        plot.Axes.Color(Color.FromHex("#333333"));

        double[] depths = [.. points.Select(point => point.Depth)];
        Line("SmolLM3.Extensions", [.. points.Select(point => point.Ours)], "#0b6bcb", MarkerShape.FilledCircle);
        Line("llama.cpp, better mode", [.. points.Select(point => point.Theirs)], "#c2410c", MarkerShape.FilledSquare);
        plot.Title(title, size: 15);
        plot.XLabel("tokens in the context", size: 15);
        plot.YLabel("decoded tokens per second", size: 15);
        plot.Axes.Title.Label.Bold = plot.Axes.Bottom.Label.Bold = plot.Axes.Left.Label.Bold = false;
        plot.Font.Set("DejaVu Sans"); // where it is missing, the system's own is taken
        plot.Axes.Bottom.SetTicks(depths, [.. depths.Select(depth => $"{depth:N0}")]);
        plot.Axes.SetLimitsY(0, points.Max(point => Math.Max(point.Ours, point.Theirs)) * 1.1);
        plot.ShowLegend(Alignment.UpperRight);
        plot.Legend.FontSize = 15;
        return plot;

        void Line(string name, double[] speeds, string color, MarkerShape marker)
        {
            var line = plot.Add.Scatter(depths, speeds, Color.FromHex(color));
            line.LegendText = name;
            line.LineWidth = 3;
            line.MarkerShape = marker;
            line.MarkerSize = 10;
        }
    }

    private static string Title(JsonElement run)
    {
        JsonElement machine = run.GetProperty("machine");
        return $"{run.GetProperty("model").GetProperty("name").GetString()}, {run.GetProperty("threads").GetInt32()} "
            + $"threads of {machine.GetProperty("cpu").GetString()}, {run.GetProperty("kernel").GetString()} kernels";
    }

    private static IEnumerable<Point> Points(JsonElement run) =>
        from piece in run.GetProperty("pieces").EnumerateArray()
        where piece.GetProperty("kind").GetString() == "decode"
        select new Point(
            piece.GetProperty("depth").GetDouble(),
            Median(piece.GetProperty("ours")),
            piece.GetProperty("theirs").EnumerateObject()
                .Where(mode => mode.Value.GetArrayLength() > 0).Max(mode => Median(mode.Value)));

    private static double Median(JsonElement values)
    {
        double[] sorted = [.. values.EnumerateArray().Select(value => value.GetDouble()).Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
