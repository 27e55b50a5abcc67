namespace SmolLM3.Extensions.Generation;

/// <summary>
/// How many rows a step may have to take as long as it should, learned from the steps before: processors differ by a
/// factor of a hundred, and the same row costs more at the end of a long prompt. What a sequence says does not depend on
/// the sizes of steps.
/// </summary>
/// <param name="target">How long a step may take while someone is being answered.</param>
/// <param name="maxMixedRows">Most rows of such a step.</param>
/// <param name="maxRows">Most rows of any step.</param>
internal sealed class StepPace(TimeSpan target, int maxMixedRows, int maxRows)
{
    // Nobody waits for a token, only newcomers and those who cancel: weights are read less often.
    private const int AloneFactor = 4;

    // Few to begin with: too few cost some speed for a few steps, too many make everyone wait.
    private const int FirstRows = 16;

    // Of the difference to the target, how much is made up for at once: times are noisy.
    private const double Gain = 0.5;
    private const double MostChange = 2;

    private double _mixed = Math.Min(FirstRows, Math.Min(maxMixedRows, maxRows));
    private double _alone = Math.Min(FirstRows * AloneFactor, maxRows);

    /// <summary>Most rows of a step.</summary>
    /// <param name="isMixed">Whether someone is being answered.</param>
    public int Rows(bool isMixed) => (int)(isMixed ? _mixed : _alone);

    /// <summary>Learns from a step.</summary>
    /// <param name="isMixed">Whether someone was being answered.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="elapsed">How long it took.</param>
    public void Learn(bool isMixed, int rows, TimeSpan elapsed)
    {
        // In seconds: four times the longest TimeSpan is none.
        double wanted = target.TotalSeconds * (isMixed ? 1 : AloneFactor);

        // A step that was quick because it was small says nothing of a larger one.
        if (rows >= Rows(isMixed) || elapsed.TotalSeconds > wanted)
        {
            double ratio = Math.Clamp(wanted / elapsed.TotalSeconds, 1 / MostChange, MostChange);
            double change = 1 + ((ratio - 1) * Gain);
            if (isMixed)
            {
                _mixed = Limit(_mixed * change, maxMixedRows);
            }
            else
            {
                _alone = Limit(_alone * change, maxRows);
            }
        }
    }

    private double Limit(double rows, int most) => Math.Clamp(rows, 1, Math.Min(most, maxRows));
}
