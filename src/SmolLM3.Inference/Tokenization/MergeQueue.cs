using System.Buffers;

namespace SmolLM3.Inference.Tokenization;

/// <summary>
/// A binary heap of possible merges, most urgent first and of equally urgent ones the leftmost: rank and position lie
/// in one number, which is what is compared. Holds rented memory until disposed.
/// </summary>
internal sealed class MergeQueue(int capacity) : IDisposable
{
    private ulong[] _items = ArrayPool<ulong>.Shared.Rent(Math.Max(capacity, 1));
    private int _count;

    /// <summary>Moves made within the heap so far: the work it was, whatever the machine.</summary>
    public long Moves { get; private set; }

    /// <summary>Adds a possible merge.</summary>
    public void Push(int rank, int position)
    {
        if (_count == _items.Length)
        {
            Grow();
        }

        ulong item = ((ulong)(uint)rank << 32) | (uint)position;
        int at = _count++;
        while (at > 0 && item < _items[(at - 1) / 2])
        {
            _items[at] = _items[(at - 1) / 2];
            at = (at - 1) / 2;
            Moves++;
        }

        _items[at] = item;
        Moves++;
    }

    /// <summary>Takes the most urgent one.</summary>
    public bool TryPop(out int rank, out int position)
    {
        if (_count == 0)
        {
            (rank, position) = (MergeTable.None, -1);
            return false;
        }

        (rank, position) = ((int)(_items[0] >> 32), (int)_items[0]);
        ulong item = _items[--_count];
        int at = 0;
        while (2 * at + 1 < _count)
        {
            int child = 2 * at + 1;
            if (child + 1 < _count && _items[child + 1] < _items[child])
            {
                child++;
            }

            if (item <= _items[child])
            {
                break;
            }

            _items[at] = _items[child];
            at = child;
            Moves++;
        }

        _items[at] = item;
        Moves++;
        return true;
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        ArrayPool<ulong>.Shared.Return(_items);
        (_items, _count) = ([], 0);
    }

    private void Grow()
    {
        ulong[] larger = ArrayPool<ulong>.Shared.Rent(_items.Length * 2);
        _items.CopyTo(larger.AsSpan());
        ArrayPool<ulong>.Shared.Return(_items);
        _items = larger;
    }
}
