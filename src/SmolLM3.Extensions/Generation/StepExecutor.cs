using SmolLM3.Extensions.Sampling;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Generation;

/// <summary>Does what the scheduler decided: makes the batch, runs it, chooses tokens.</summary>
/// <param name="engine">The engine.</param>
internal sealed class StepExecutor(IInferenceEngine engine)
{
    private readonly Batch _batch = new(engine.Limits.MaxBatchRows);
    private readonly Sampler _sampler = new(engine.Model.VocabularySize);

    /// <summary>Rows of the last step.</summary>
    public int Rows => _batch.Count;

    /// <summary>Guesses computed so far.</summary>
    public long Drafted { get; private set; }

    /// <summary>Guesses that stood.</summary>
    public long Accepted { get; private set; }

    /// <summary>Computes a step. The logits of the sequences that have nothing pending then are kept, in order, each
    /// followed by those of its guesses.</summary>
    /// <param name="shares">What is computed; of nothing, nothing is. Guesses are dropped from it where there is no room
    /// for them, and where the engine throws.</param>
    /// <param name="error">What the engine threw, or null.</param>
    /// <returns>False when there is no room or the engine threw; every sequence's count is then as before.</returns>
    public bool TryForward(List<Share> shares, out Exception? error)
    {
        bool fits = TryForwardOnce(shares, out error);
        if (!fits && DropDrafts(shares) && error is null)
        {
            fits = TryForwardOnce(shares, out error);
        }

        foreach ((Sequence sequence, int rows, _) in shares)
        {
            sequence.Advance(fits ? rows : 0);
        }

        return fits;
    }

    /// <summary>Takes a step back that may be half done because the engine threw.</summary>
    public void Undo(List<Share> shares)
    {
        foreach ((Sequence sequence, _, _) in shares)
        {
            engine.Truncate(sequence.Slot, sequence.Stored);
        }
    }

    /// <summary>Chooses a sequence's next tokens: one, those that were guessed, and those its constraints force after
    /// them; and publishes them.</summary>
    /// <param name="share">The sequence, of which all that is known is stored, and its guesses.</param>
    /// <param name="logits">Which of the step's logits are its first.</param>
    /// <returns>What went wrong, or null. Constraints are code from outside: what they throw is the end of their
    /// request only.</returns>
    public Exception? Sample(Share share, int logits)
    {
        (Sequence sequence, _, int drafts) = share;
        int accepted = 0;
        try
        {
            // As long as the token that comes was guessed, its row is computed and the next logits are there.
            int token = Next(sequence, logits);
            while (sequence.End is null && accepted < drafts && token == sequence.Drafts[accepted])
            {
                sequence.Advance(rows: 1);
                token = Next(sequence, logits + ++accepted);
            }

            // Whose reader wants to know how likely they are takes a step for each.
            while (sequence.End is null && !TellsLikelihood(sequence) && sequence.Sampling.TryForce(out int forced))
            {
                sequence.Append(forced, logProbabilities: null);
            }

            return null;
        }
        catch (Exception error)
        {
            return error;
        }
        finally
        {
            Drop(sequence, drafts, accepted);
        }
    }

    private bool TryForwardOnce(List<Share> shares, out Exception? error)
    {
        Fill(shares);
        error = null;
        try
        {
            return shares.Count == 0 || engine.Forward(_batch) == ForwardStatus.Completed;
        }
        catch (Exception thrown)
        {
            error = thrown;
            return false;
        }
    }

    private void Fill(List<Share> shares)
    {
        _batch.Clear();
        foreach ((Sequence sequence, int rows, int drafts) in shares)
        {
            int position = sequence.Stored;
            for (int row = 0; row < rows; row++, position++)
            {
                bool isLast = position == sequence.Tokens.Count - 1;
                _batch.Add(sequence.Slot, position, sequence.Tokens[position], logits: isLast);
            }

            foreach (int guess in sequence.Drafts[..drafts])
            {
                _batch.Add(sequence.Slot, position++, guess, logits: true);
            }
        }
    }

    private static bool DropDrafts(List<Share> shares)
    {
        bool any = false;
        for (int i = 0; i < shares.Count; i++)
        {
            any |= shares[i].Drafts > 0;
            shares[i] = shares[i] with { Drafts = 0 };
        }

        return any;
    }

    /// <summary>Chooses a token, unless a constraint settles it, and publishes it.</summary>
    private int Next(Sequence sequence, int logits)
    {
        TokenLogProbabilities? logProbabilities = null;
        if (!sequence.Sampling.TryForce(out int token))
        {
            token = _sampler.Sample(engine.GetLogits(logits), sequence.Sampling, out logProbabilities);
        }
        else if (TellsLikelihood(sequence))
        {
            logProbabilities = _sampler.Describe(
                engine.GetLogits(logits), token, sequence.Sampling.Options.TopLogProbabilities);
        }

        sequence.Append(token, logProbabilities);
        return token;
    }

    private static bool TellsLikelihood(Sequence sequence) => sequence.Sampling.Options.TopLogProbabilities > 0;

    private void Drop(Sequence sequence, int drafts, int accepted)
    {
        if (drafts > 0)
        {
            engine.Truncate(sequence.Slot, sequence.Stored);
            (Drafted, Accepted) = (Drafted + drafts, Accepted + accepted);
        }
    }
}
