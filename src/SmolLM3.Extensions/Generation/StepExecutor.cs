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

    /// <summary>Computes a step. The logits of the sequences that have nothing pending then are kept, in order.
    /// </summary>
    /// <param name="shares">What is computed; of nothing, nothing is.</param>
    /// <param name="error">What the engine threw, or null.</param>
    /// <returns>False when there is no room or the engine threw; every sequence's count is then as before.</returns>
    public bool TryForward(List<Share> shares, out Exception? error)
    {
        _batch.Clear();
        foreach ((Sequence sequence, int rows) in shares)
        {
            for (int position = sequence.Stored; position < sequence.Stored + rows; position++)
            {
                bool isLast = position == sequence.Tokens.Count - 1;
                _batch.Add(sequence.Slot, position, sequence.Tokens[position], logits: isLast);
            }
        }

        bool fits = false;
        error = null;
        try
        {
            fits = shares.Count == 0 || engine.Forward(_batch) == ForwardStatus.Completed;
        }
        catch (Exception thrown)
        {
            error = thrown;
        }

        foreach ((Sequence sequence, int rows) in shares)
        {
            sequence.Advance(fits ? rows : 0);
        }

        return fits;
    }

    /// <summary>Takes a step back that may be half done because the engine threw.</summary>
    public void Undo(List<Share> shares)
    {
        foreach ((Sequence sequence, _) in shares)
        {
            engine.Truncate(sequence.Slot, sequence.Stored);
        }
    }

    /// <summary>Chooses a sequence's next token, and those its constraints force after it, and publishes them.
    /// </summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="logits">Which of the step's logits are its own.</param>
    /// <returns>What went wrong, or null. Constraints are code from outside: what they throw is the end of their
    /// request only.</returns>
    public Exception? Sample(Sequence sequence, int logits)
    {
        try
        {
            TokenLogProbabilities? logProbabilities = null;
            if (!sequence.Sampling.TryForce(out int token))
            {
                token = _sampler.Sample(engine.GetLogits(logits), sequence.Sampling, out logProbabilities);
            }

            sequence.Append(token, logProbabilities);
            while (sequence.End is null && sequence.Sampling.TryForce(out token))
            {
                sequence.Append(token, logProbabilities: null);
            }

            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }
}
