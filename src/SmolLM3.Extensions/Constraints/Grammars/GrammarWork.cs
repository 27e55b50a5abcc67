namespace SmolLM3.Extensions.Constraints.Grammars;

/// <summary>
/// Counts what is done with a grammar and stops it: beyond a bound, and when the request it is for is cancelled. The
/// number of nodes alone bounds neither time nor memory, as a hostile schema makes much work of few nodes.
/// </summary>
/// <param name="cancellationToken">Stops it.</param>
internal sealed class GrammarWork(CancellationToken cancellationToken)
{
    /// <summary>What a request's schemas may take, in steps of at most some 100 ns. Real ones take below a tenth of it;
    /// 2,000 optional properties of one object, a third.</summary>
    public const long DefaultMost = 16_000_000;

    private long _most = DefaultMost;

    /// <summary>Steps so far.</summary>
    public long Spent { get; private set; }

    /// <summary>Sets how many more there may be.</summary>
    public void Allow(long steps) => _most = Spent + steps;

    /// <summary>Counts steps that are about to be made.</summary>
    /// <exception cref="GrammarTooComplexException">They are too many.</exception>
    /// <exception cref="OperationCanceledException">Nobody waits any longer.</exception>
    public void Spend(long steps)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Spent += steps;
        if (Spent > _most)
        {
            throw new GrammarTooComplexException("Its parts make too much work together. Make it smaller or simpler.");
        }
    }
}
