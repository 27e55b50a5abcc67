using System.Numerics;

namespace SmolLM3.Extensions.Constraints.Masks;

/// <summary>A set of tokens that may come next: as a list where they are few, else as bits.</summary>
internal sealed class TokenMask
{
    private const int MostListed = 512;

    private readonly ulong[]? _bits;
    private readonly int[]? _listed;

    /// <summary>Copies a set.</summary>
    /// <param name="bits">A bit for each token id.</param>
    public TokenMask(ReadOnlySpan<ulong> bits)
    {
        foreach (ulong word in bits)
        {
            Count += BitOperations.PopCount(word);
        }

        if (Count > MostListed)
        {
            _bits = bits.ToArray();
            return;
        }

        _listed = new int[Count];
        int count = 0;
        for (int i = 0; i < bits.Length; i++)
        {
            for (ulong word = bits[i]; word != 0; word &= word - 1)
            {
                _listed[count++] = (i << 6) + BitOperations.TrailingZeroCount(word);
            }
        }
    }

    /// <summary>No token.</summary>
    public static TokenMask None { get; } = new([]);

    /// <summary>Number of tokens.</summary>
    public int Count { get; }

    /// <summary>Bytes of its memory.</summary>
    public int Bytes => _bits is null ? _listed!.Length * sizeof(int) : _bits.Length * sizeof(ulong);

    /// <summary>Whether a token is in it.</summary>
    public bool Contains(int token) => _bits is null
        ? Array.BinarySearch(_listed!, token) >= 0
        : (_bits[token >> 6] >> token & 1) != 0;

    /// <summary>Writes negative infinity over the logits of all other tokens.</summary>
    /// <param name="logits">Shape <c>[vocabulary]</c>.</param>
    /// <param name="more">Tokens that are left as they are, too.</param>
    public void Apply(Span<float> logits, ReadOnlySpan<int> more)
    {
        Span<float> kept = more.Length <= 8 ? stackalloc float[8] : new float[more.Length];
        for (int i = 0; i < more.Length; i++)
        {
            kept[i] = logits[more[i]];
        }

        if (_bits is null)
        {
            ApplyList(logits);
        }
        else
        {
            ApplyBits(logits);
        }

        for (int i = 0; i < more.Length; i++)
        {
            logits[more[i]] = kept[i];
        }
    }

    private void ApplyList(Span<float> logits)
    {
        Span<float> kept = stackalloc float[MostListed];
        for (int i = 0; i < _listed!.Length; i++)
        {
            kept[i] = logits[_listed[i]];
        }

        logits.Fill(float.NegativeInfinity);
        for (int i = 0; i < _listed.Length; i++)
        {
            logits[_listed[i]] = kept[i];
        }
    }

    private void ApplyBits(Span<float> logits)
    {
        for (int i = 0; i < _bits!.Length; i++)
        {
            Span<float> part = logits[(i << 6)..Math.Min((i + 1) << 6, logits.Length)];
            ulong excluded = ~_bits[i];
            if (excluded == ulong.MaxValue)
            {
                part.Fill(float.NegativeInfinity);
                continue;
            }

            for (; excluded != 0; excluded &= excluded - 1)
            {
                int index = BitOperations.TrailingZeroCount(excluded);
                if (index >= part.Length)
                {
                    break;
                }

                part[index] = float.NegativeInfinity;
            }
        }
    }
}
