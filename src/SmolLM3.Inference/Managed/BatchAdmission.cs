using SmolLM3.Inference.Engine;

namespace SmolLM3.Inference.Managed;

/// <summary>Checks that a batch keeps to the contract, and reserves its room as a whole or not at all.</summary>
/// <param name="store">Who owns which block.</param>
/// <param name="limits">How much the engine takes at once.</param>
/// <param name="vocabulary">Number of token ids.</param>
/// <param name="adapters">Which sequence uses which adapters.</param>
/// <param name="mixesAdapters">Whether a batch may have rows of different sets.</param>
internal sealed class BatchAdmission(
    KvStore store, EngineLimits limits, int vocabulary, SequenceAdapters adapters, bool mixesAdapters)
{
    // Rows of the batch for each sequence.
    private readonly int[] _counts = new int[limits.MaxSequences];

    /// <summary>Checks every row.</summary>
    /// <exception cref="ArgumentException">A row breaks the contract.</exception>
    public void Check(Batch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.Count == 0)
        {
            throw Refusal("The batch is empty.");
        }

        if (batch.Count > limits.MaxBatchRows)
        {
            throw Refusal($"The batch has {batch.Count} rows; this engine takes at most {limits.MaxBatchRows}.");
        }

        Array.Clear(_counts);
        foreach (BatchRow row in batch.Rows)
        {
            CheckRow(row);
        }

        if (!mixesAdapters)
        {
            adapters.RequireOneSet(batch);
        }
    }

    /// <summary>Makes the sequences of a checked batch longer.</summary>
    /// <returns>False when there is no room; nothing has then changed.</returns>
    public bool TryReserve()
    {
        if (store.BlocksNeeded(_counts) > store.FreeBlocks)
        {
            return false;
        }

        for (int sequence = 0; sequence < _counts.Length; sequence++)
        {
            store.Extend(sequence, _counts[sequence]);
        }

        return true;
    }

    /// <summary>Takes back what was reserved, when the batch could not be computed.</summary>
    public void Undo()
    {
        for (int sequence = 0; sequence < _counts.Length; sequence++)
        {
            store.Truncate(sequence, store.GetLength(sequence) - _counts[sequence]);
        }
    }

    private static ArgumentException Refusal(string message) => new(message, "batch");

    private void CheckRow(BatchRow row)
    {
        if ((uint)row.Sequence >= (uint)_counts.Length)
        {
            throw Refusal($"Sequence {row.Sequence} is not one of 0 to {_counts.Length - 1}.");
        }

        if ((uint)row.Token >= (uint)vocabulary)
        {
            throw Refusal($"Token {row.Token} is not one of the {vocabulary} of the vocabulary.");
        }

        int next = store.GetLength(row.Sequence) + _counts[row.Sequence]++;
        if (row.Position != next)
        {
            throw Refusal($"Sequence {row.Sequence} goes on at position {next}, but a row is at {row.Position}.");
        }

        if (row.Position >= limits.ContextLength)
        {
            throw Refusal($"Position {row.Position} is outside the context of {limits.ContextLength} tokens.");
        }
    }
}
