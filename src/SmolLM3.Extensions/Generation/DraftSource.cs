namespace SmolLM3.Extensions.Generation;

/// <summary>A way to find the place in a request's tokens whose continuation may come again, which knows how often it
/// did.</summary>
internal abstract class DraftSource
{
    // A row of a step costs a quarter of the first, so a guess pays above that. Chosen on the recorded answers of the
    // benchmark, as are the next three.
    private const double LeastTrust = 0.3;
    private const double FirstTrust = 0.3;
    private const double FirstTrustBehind = 0.75;
    private const double Forgetting = 0.05;

    private readonly double[] _stood = new double[PromptDraft.MostTokens];
    private readonly double[] _tried = new double[PromptDraft.MostTokens];

    protected DraftSource()
    {
        Array.Fill(_tried, 1);
        Array.Fill(_stood, FirstTrustBehind);
        _stood[0] = FirstTrust;
    }

    /// <summary>Takes note of the tokens that came.</summary>
    /// <param name="tokens">All tokens.</param>
    public virtual void Follow(ReadOnlySpan<int> tokens)
    {
    }

    /// <summary>Finds a place.</summary>
    /// <param name="tokens">All tokens.</param>
    /// <param name="next">The place of the token that may come next.</param>
    public abstract bool TryFind(ReadOnlySpan<int> tokens, out int next);

    /// <summary>How many of the tokens at a place are likely enough to come again, all of them.</summary>
    /// <param name="most">Most tokens.</param>
    public int CountTrusted(int most)
    {
        double all = 1;
        int count = 0;
        while (count < most && (all *= _stood[count] / _tried[count]) >= LeastTrust)
        {
            count++;
        }

        return count;
    }

    /// <summary>Learns whether a token came again, when all before it did.</summary>
    /// <param name="index">Which one from the place on, from 0.</param>
    /// <param name="stood">Whether it did.</param>
    public void Learn(int index, bool stood)
    {
        _stood[index] = (_stood[index] * (1 - Forgetting)) + (stood ? 1 : 0);
        _tried[index] = (_tried[index] * (1 - Forgetting)) + 1;
    }
}
