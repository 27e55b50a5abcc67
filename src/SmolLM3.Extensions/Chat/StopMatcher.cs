namespace SmolLM3.Extensions.Chat;

/// <summary>
/// Looks for stop sequences in text that comes in pieces, and holds back what may become one. The match that is
/// complete first counts, the longest of those complete at once, so that it does not matter how the text was cut.
/// </summary>
internal sealed class StopMatcher(IEnumerable<string> stopSequences)
{
    private readonly string[] _stops = [.. stopSequences.Where(stop => !string.IsNullOrEmpty(stop))];
    private string _held = "";

    /// <summary>Whether a stop sequence came. It and what follows it are not given out.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Takes a piece and returns what can no longer be part of a stop sequence.</summary>
    public string Append(string text)
    {
        if (_stops.Length == 0 || Stopped)
        {
            return Stopped ? "" : text;
        }

        text = _held.Length == 0 ? text : _held + text;
        int start = FindFirst(text);
        if (start >= 0)
        {
            Stopped = true;
            _held = "";
            return text[..start];
        }

        int kept = LongestBeginning(text);
        _held = text[(text.Length - kept)..];
        return text[..(text.Length - kept)];
    }

    /// <summary>Ends the text and returns what was held back.</summary>
    public string Flush()
    {
        string held = _held;
        _held = "";
        return held;
    }

    private int FindFirst(string text)
    {
        int first = -1;
        int firstEnd = int.MaxValue;
        foreach (string stop in _stops)
        {
            int start = text.IndexOf(stop, StringComparison.Ordinal);
            int end = start + stop.Length;
            if (start >= 0 && (end < firstEnd || (end == firstEnd && start < first)))
            {
                (first, firstEnd) = (start, end);
            }
        }

        return first;
    }

    /// <summary>Length of the longest end of the text with which a stop sequence begins.</summary>
    private int LongestBeginning(string text)
    {
        int longest = 0;
        foreach (string stop in _stops)
        {
            for (int length = Math.Min(stop.Length - 1, text.Length); length > longest; length--)
            {
                if (text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length)))
                {
                    longest = length;
                }
            }
        }

        return longest;
    }
}
