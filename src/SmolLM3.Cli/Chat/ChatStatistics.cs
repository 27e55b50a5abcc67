using System.Globalization;
using Microsoft.Extensions.AI;

namespace SmolLM3.Cli.Chat;

/// <summary>What the answers of a chat took.</summary>
/// <param name="time">Measures.</param>
internal sealed class ChatStatistics(TimeProvider time)
{
    private long _answers;
    private long _output;
    private long _started;
    private TimeSpan? _first;
    private TimeSpan _whole;
    private UsageDetails? _last;

    /// <summary>An answer is asked for.</summary>
    public void Begin()
    {
        _started = time.GetTimestamp();
        _first = null;
    }

    /// <summary>A piece of it came.</summary>
    public void Update() => _first ??= time.GetElapsedTime(_started);

    /// <summary>It came to its end.</summary>
    public void End(UsageDetails? usage)
    {
        _whole = time.GetElapsedTime(_started);
        _last = usage;
        _answers++;
        _output += usage?.OutputTokenCount ?? 0;
    }

    /// <summary>Lines for a reader.</summary>
    /// <param name="contextLength">Most tokens of a conversation.</param>
    public IEnumerable<string> Lines(int contextLength)
    {
        if (_last is not { } last)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture, $"No answer yet; the context holds {contextLength:N0} tokens.");
            yield break;
        }

        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"Last answer: {last.OutputTokenCount:N0} tokens, {last.ReasoningTokenCount ?? 0:N0} of them thought; "
            + $"{last.InputTokenCount:N0} read, {last.CachedInputTokenCount ?? 0:N0} of them known already.");
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"First token after {_first?.TotalSeconds ?? 0:F2} s, all after {_whole.TotalSeconds:F2} s: "
            + $"{last.OutputTokenCount / Math.Max(_whole.TotalSeconds, 1e-3):F1} tokens a second.");
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"{_answers:N0} answers with {_output:N0} tokens; the context holds {contextLength:N0}.");
    }
}
