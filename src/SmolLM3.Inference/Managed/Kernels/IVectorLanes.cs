using System.Numerics;

namespace SmolLM3.Inference.Managed.Kernels;

/// <summary>
/// What the vector kernels need of a vector width. One implementation a width lets one text of each kernel serve
/// all widths.
/// </summary>
/// <typeparam name="TSelf">The vector of floats itself.</typeparam>
internal unsafe interface IVectorLanes<TSelf> :
    IAdditionOperators<TSelf, TSelf, TSelf>,
    ISubtractionOperators<TSelf, TSelf, TSelf>,
    IMultiplyOperators<TSelf, TSelf, TSelf>,
    IDivisionOperators<TSelf, TSelf, TSelf>
    where TSelf : struct, IVectorLanes<TSelf>
{
    /// <summary>Floats in a vector; a divisor of 16.</summary>
    static abstract int Count { get; }

    static abstract TSelf Load(float* source);

    static abstract void Store(TSelf value, float* destination);

    static abstract TSelf Create(float value);

    /// <summary><c>a * b + c</c>, rounded once where the processor can.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>Adds a number's products with two vectors to two sums.</summary>
    /// <param name="factor">The number.</param>
    /// <param name="again">The same number, in a variable the compiler does not know to be equal: it takes a number into
    /// a multiplication from memory only where it is used once.</param>
    /// <param name="lower">The vector for the first sum.</param>
    /// <param name="upper">The vector for the second.</param>
    /// <param name="lowerSum">The first sum.</param>
    /// <param name="upperSum">The second sum.</param>
    static abstract void MultiplyAddPair(
        float* factor, float* again, TSelf lower, TSelf upper, ref TSelf lowerSum, ref TSelf upperSum);

    static abstract TSelf Max(TSelf a, TSelf b);

    static abstract TSelf Min(TSelf a, TSelf b);

    /// <summary>The lanes added up, in one order.</summary>
    static abstract float Sum(TSelf value);

    /// <summary>The largest lane.</summary>
    static abstract float Maximum(TSelf value);

    /// <summary>Changes places within each pair of lanes.</summary>
    static abstract TSelf SwapPairs(TSelf value);

    /// <summary>2 to the power of each lane; lanes are whole numbers from -126 to 127.</summary>
    static abstract TSelf PowerOfTwo(TSelf value);

    /// <summary>Zero where <paramref name="x"/> is below <paramref name="limit"/>, else
    /// <paramref name="value"/>.</summary>
    static abstract TSelf ZeroBelow(TSelf value, TSelf x, TSelf limit);

    /// <summary>
    /// Reads <c>2 * Count</c> halves, the even ones into <paramref name="even"/>, the odd ones into
    /// <paramref name="odd"/>, each times <see cref="HalfFormat.WidenedScale"/>: two integer operations a vector and
    /// no conversion instruction, which .NET does not offer.
    /// </summary>
    static abstract void WidenPairs(ushort* source, out TSelf even, out TSelf odd);

    /// <summary>Reads <c>Count</c> signed bytes as the numbers they are.</summary>
    static abstract TSelf LoadBytes(sbyte* source);

    /// <summary>Writes <c>2 * Count</c> halves, the reverse of <see cref="WidenPairs"/> without its scale: rounded to
    /// nearest even, and held within the range of half numbers.</summary>
    static abstract void NarrowPairs(TSelf even, TSelf odd, ushort* destination);
}
