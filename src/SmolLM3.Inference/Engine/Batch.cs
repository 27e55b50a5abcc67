namespace SmolLM3.Inference.Engine;

/// <summary>The rows of one forward pass. Made once, filled again and again: adding allocates nothing.</summary>
/// <param name="capacity">Most rows it can hold.</param>
public sealed class Batch(int capacity)
{
    private readonly BatchRow[] _rows = new BatchRow[capacity];

    /// <summary>Most rows it can hold.</summary>
    public int Capacity => _rows.Length;

    /// <summary>Rows in it.</summary>
    public int Count { get; private set; }

    /// <summary>Rows that asked for logits.</summary>
    public int LogitsCount { get; private set; }

    /// <summary>The rows, in the order they were added.</summary>
    public ReadOnlySpan<BatchRow> Rows => _rows.AsSpan(0, Count);

    /// <summary>Adds a row.</summary>
    /// <returns>The index for <see cref="IInferenceEngine.GetLogits"/>, or -1 when no logits are wanted.</returns>
    /// <exception cref="InvalidOperationException">The batch is full.</exception>
    public int Add(int sequence, int position, int token, bool logits = false)
    {
        if (Count == _rows.Length)
        {
            throw new InvalidOperationException($"The batch holds at most {_rows.Length} rows.");
        }

        int index = logits ? LogitsCount++ : -1;
        _rows[Count++] = new BatchRow(sequence, position, token, index);
        return index;
    }

    /// <summary>Empties the batch.</summary>
    public void Clear() => (Count, LogitsCount) = (0, 0);
}
