using System.Globalization;
using System.Text;

namespace SmolLM3.Fuzz;

/// <summary>What became of all schemas, and which cost most.</summary>
internal sealed class Tally
{
    private const int Named = 100;

    private readonly SortedDictionary<string, int> _outcomes = new(StringComparer.Ordinal);
    private TrialReport? _slowestCompile;
    private TrialReport? _slowestStep;
    private TrialReport? _largest;
    private readonly Dictionary<TrialReport, string> _texts = [];

    /// <summary>Takes note of a schema.</summary>
    public void Add(TrialReport report, byte[] schema)
    {
        _outcomes[report.Outcome] = _outcomes.GetValueOrDefault(report.Outcome) + 1;
        Keep(ref _slowestCompile, report, schema, each => each.Compile.Ticks);
        Keep(ref _slowestStep, report, schema, each => each.Step.Ticks);
        Keep(ref _largest, report, schema, each => each.Allocated);
    }

    public override string ToString()
    {
        StringBuilder text = new();
        foreach ((string outcome, int count) in _outcomes)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{count,8:N0} {outcome}");
        }

        Append(text, "slowest to compile", _slowestCompile);
        Append(text, "slowest token", _slowestStep);
        Append(text, "most memory", _largest);
        return text.ToString().TrimEnd();
    }

    private void Keep(ref TrialReport? most, TrialReport report, byte[] schema, Func<TrialReport, long> size)
    {
        if (most is null || size(report) > size(most))
        {
            most = report;
            _texts[report] = Encoding.UTF8.GetString(schema.AsSpan(0, Math.Min(schema.Length, Named)));
        }
    }

    private void Append(StringBuilder text, string what, TrialReport? report)
    {
        if (report is not null)
        {
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"{what}: compile {report.Compile.TotalMilliseconds:N0} ms, "
                + $"token {report.Step.TotalMilliseconds:N0} ms, "
                + $"allocated {report.Allocated >> 20:N0} MB, kept {report.Kept >> 20:N0} MB");
            text.AppendLine("  " + _texts[report]);
        }
    }
}
