using System.Numerics;

namespace SmolLM3.Extensions.Constraints.Grammars;

/// <summary>A set of bytes.</summary>
internal readonly record struct ByteSet
{
    private readonly ulong _0;
    private readonly ulong _1;
    private readonly ulong _2;
    private readonly ulong _3;

    private ByteSet(ulong part0, ulong part1, ulong part2, ulong part3) =>
        (_0, _1, _2, _3) = (part0, part1, part2, part3);

    /// <summary>Every byte.</summary>
    public static ByteSet All => new(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue);

    /// <summary>Number of bytes in it.</summary>
    public int Count =>
        BitOperations.PopCount(_0) + BitOperations.PopCount(_1) + BitOperations.PopCount(_2)
        + BitOperations.PopCount(_3);

    /// <summary>Whether nothing is in it.</summary>
    public bool IsEmpty => (_0 | _1 | _2 | _3) == 0;

    /// <summary>The least byte in it, which is not empty.</summary>
    public byte First => (byte)(
        _0 != 0 ? BitOperations.TrailingZeroCount(_0)
        : _1 != 0 ? 64 + BitOperations.TrailingZeroCount(_1)
        : _2 != 0 ? 128 + BitOperations.TrailingZeroCount(_2)
        : 192 + BitOperations.TrailingZeroCount(_3));

    /// <summary>The bytes at which a run of members or of others begins: between them all bytes are alike.</summary>
    public ByteSet Starts
    {
        get
        {
            ByteSet starts = default;
            for (int value = 1; value < 256; value++)
            {
                if (Contains((byte)value) != Contains((byte)(value - 1)))
                {
                    starts |= Of((byte)value);
                }
            }

            return starts;
        }
    }

    /// <summary>One byte.</summary>
    public static ByteSet Of(byte value) => Range(value, value);

    /// <summary>From one byte to another, both included.</summary>
    public static ByteSet Range(byte first, byte last) =>
        new(Part(first, last, 0), Part(first, last, 64), Part(first, last, 128), Part(first, last, 192));

    /// <summary>Whether a byte is in it.</summary>
    public bool Contains(byte value)
    {
        ulong part = (value >> 6) switch { 0 => _0, 1 => _1, 2 => _2, _ => _3 };
        return (part >> (value & 63) & 1) != 0;
    }

    public static ByteSet operator |(ByteSet a, ByteSet b) =>
        new(a._0 | b._0, a._1 | b._1, a._2 | b._2, a._3 | b._3);

    public static ByteSet operator &(ByteSet a, ByteSet b) =>
        new(a._0 & b._0, a._1 & b._1, a._2 & b._2, a._3 & b._3);

    public static ByteSet operator ~(ByteSet set) => new(~set._0, ~set._1, ~set._2, ~set._3);

    /// <summary>Its bits as hexadecimal numbers.</summary>
    public override string ToString() => $"{_0:x} {_1:x} {_2:x} {_3:x}";

    private static ulong Part(int first, int last, int start)
    {
        int low = Math.Max(first - start, 0), high = Math.Min(last - start, 63);
        return low > high ? 0 : ulong.MaxValue >> (63 - high + low) << low;
    }
}
