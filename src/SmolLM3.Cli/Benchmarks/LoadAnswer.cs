using System.Diagnostics;

namespace SmolLM3.Cli.Benchmarks;

/// <summary>When the tokens of one request came.</summary>
internal sealed class LoadAnswer
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly List<long> _arrivals = [];

    /// <summary>Tokens that came.</summary>
    public int Tokens => _arrivals.Count;

    /// <summary>Tokens of the prompt that were not computed.</summary>
    public int CachedTokens { get; private set; }

    /// <summary>Whether nobody cancelled it.</summary>
    public bool IsWhole { get; private set; }

    public TimeSpan FirstToken => Stopwatch.GetElapsedTime(_start, _arrivals[0]);

    public IEnumerable<TimeSpan> Gaps => _arrivals.Zip(_arrivals.Skip(1), Stopwatch.GetElapsedTime);

    public void Add(int cachedTokens, bool isLast)
    {
        _arrivals.Add(Stopwatch.GetTimestamp());
        (CachedTokens, IsWhole) = (cachedTokens, isLast);
    }
}
