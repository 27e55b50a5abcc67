namespace SmolLM3.Inference.Engine;

/// <summary>Which adapters are loaded and which sequence uses which: the part of the contract that every engine keeps in
/// the same way. Integers only.</summary>
/// <param name="sequences">Number of sequences.</param>
internal sealed class SequenceAdapters(int sequences)
{
    private readonly AdapterSet[] _sets = [.. Enumerable.Repeat(AdapterSet.None, sequences)];
    private readonly HashSet<int> _loaded = [];
    private int _next;

    /// <summary>Takes in an adapter. No handle is ever given twice.</summary>
    public int Add()
    {
        _loaded.Add(_next);
        return _next++;
    }

    /// <summary>Forgets an adapter; empty sequences that were to use it use none.</summary>
    /// <param name="adapter">Its handle.</param>
    /// <param name="lengthOf">Tokens of a sequence.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not loaded.</exception>
    /// <exception cref="InvalidOperationException">A sequence that is not empty uses it.</exception>
    public void Remove(int adapter, Func<int, int> lengthOf)
    {
        if (!_loaded.Contains(adapter))
        {
            throw new ArgumentOutOfRangeException(nameof(adapter), adapter, "No such adapter is loaded.");
        }

        int[] users = [.. Enumerable.Range(0, _sets.Length).Where(sequence => _sets[sequence].Contains(adapter))];
        foreach (int sequence in users)
        {
            if (lengthOf(sequence) > 0)
            {
                throw new InvalidOperationException(
                    $"Adapter {adapter} is used by sequence {sequence}, which holds {lengthOf(sequence)} tokens; "
                    + "truncate it to 0 first.");
            }
        }

        Array.ForEach(users, sequence => _sets[sequence] = AdapterSet.None);
        _loaded.Remove(adapter);
    }

    /// <summary>Settles what a sequence uses.</summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="adapters">The adapters.</param>
    /// <param name="length">Tokens it holds.</param>
    /// <exception cref="ArgumentException">It is not empty, or an adapter is not loaded.</exception>
    public void Set(int sequence, AdapterSet adapters, int length)
    {
        ArgumentNullException.ThrowIfNull(adapters);
        if (length > 0)
        {
            throw new ArgumentException(
                $"Sequence {sequence} holds {length} tokens of other adapters; truncate it to 0 first.",
                nameof(sequence));
        }

        foreach (AdapterUse use in adapters.Uses)
        {
            if (!_loaded.Contains(use.Adapter))
            {
                throw new ArgumentException($"Adapter {use.Adapter} is not loaded.", nameof(adapters));
            }
        }

        _sets[sequence] = adapters;
    }

    /// <summary>What a sequence uses.</summary>
    public AdapterSet Get(int sequence) => _sets[sequence];

    /// <summary>Checks that a prefix may be copied.</summary>
    /// <exception cref="ArgumentException">The sequences use different adapters.</exception>
    public void RequireEqual(int from, int to)
    {
        if (!_sets[from].Equals(_sets[to]))
        {
            throw new ArgumentException(
                $"Sequence {from} was computed with the adapters {_sets[from]}, sequence {to} uses {_sets[to]}: they "
                + "cannot share tokens.",
                nameof(to));
        }
    }

    /// <summary>Checks a batch for an engine that does not mix sets.</summary>
    /// <exception cref="ArgumentException">Its rows use different adapters.</exception>
    public void RequireOneSet(Batch batch)
    {
        AdapterSet first = _sets[batch.Rows[0].Sequence];
        foreach (BatchRow row in batch.Rows)
        {
            if (!_sets[row.Sequence].Equals(first))
            {
                throw new ArgumentException(
                    $"This engine computes one set of adapters at a time, but the batch has {first} and "
                    + $"{_sets[row.Sequence]}.",
                    nameof(batch));
            }
        }
    }
}
