using System.Buffers;
using System.Runtime.InteropServices;

namespace SmolLM3.Inference.Tokenization;

/// <summary>Turns one piece of text, as <see cref="PreTokenScanner"/> cuts them, into tokens.</summary>
/// <param name="vocabulary">The tokens.</param>
/// <param name="merges">The merges.</param>
/// <param name="wholeFirst">Take a piece that is a token as that token, whatever the merges would make of it.</param>
internal sealed class PieceEncoder(Vocabulary vocabulary, MergeTable merges, bool wholeFirst)
{
    /// <summary>Adds the tokens of a piece.</summary>
    /// <param name="piece">Any bytes, at least one.</param>
    /// <param name="cache">Of this encoder, and of nobody else at the moment.</param>
    /// <param name="destination">Where the tokens go.</param>
    public void Encode(ReadOnlySpan<byte> piece, PieceCache cache, List<int> destination)
    {
        if (piece.Length == 1)
        {
            destination.Add(vocabulary.GetByteId(piece[0]));
        }
        else if (piece.Length > PieceCache.MaxLength)
        {
            Encode(piece, destination);
        }
        else
        {
            var key = new PieceCache.Key(piece);
            if (!cache.TryGet(key, destination))
            {
                int start = destination.Count;
                Encode(piece, destination);
                cache.Set(key, CollectionsMarshal.AsSpan(destination)[start..]);
            }
        }
    }

    private void Encode(ReadOnlySpan<byte> piece, List<int> destination)
    {
        if (wholeFirst && vocabulary.TryFind(piece, out int id))
        {
            destination.Add(id);
            return;
        }

        int[]? rented = null;
        Span<int> ids = piece.Length <= ShortMerger.MaxLength
            ? stackalloc int[ShortMerger.MaxLength]
            : rented = ArrayPool<int>.Shared.Rent(piece.Length);
        ids = ids[..piece.Length];
        for (int i = 0; i < piece.Length; i++)
        {
            ids[i] = vocabulary.GetByteId(piece[i]);
        }

        int count = rented is null ? ShortMerger.Merge(merges, ids) : LongMerger.Merge(merges, ids, out _);
        destination.AddRange(ids[..count]);
        if (rented is not null)
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }
}
