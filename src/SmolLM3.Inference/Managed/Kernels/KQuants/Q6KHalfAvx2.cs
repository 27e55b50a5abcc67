using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>128 weights of a Q6_K block as numbers 0..63.</summary>
internal readonly unsafe ref struct Q6KHalfAvx2
{
    private readonly Vector256<byte> _q0;
    private readonly Vector256<byte> _q1;
    private readonly Vector256<byte> _q2;
    private readonly Vector256<byte> _q3;

    /// <param name="low">64 bytes of lower bits.</param>
    /// <param name="high">32 bytes of upper bits.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Q6KHalfAvx2(byte* low, byte* high)
    {
        Vector256<byte> nibble = Vector256.Create((byte)15);
        Vector256<byte> pairs0 = Vector256.Load(low), pairs1 = Vector256.Load(low + 32);
        Vector256<byte> bits = Vector256.Load(high);
        _q0 = (pairs0 & nibble) | ByteBits.PairToUpper(bits, 0);
        _q1 = (pairs1 & nibble) | ByteBits.PairToUpper(bits, 2);
        _q2 = ByteBits.UpperHalf(pairs0) | ByteBits.PairToUpper(bits, 4);
        _q3 = ByteBits.UpperHalf(pairs1) | ByteBits.PairToUpper(bits, 6);
    }

    /// <summary>Products with 128 activations and their scales, in 8 parts: 16 weights with one scale make 8 pairs,
    /// which are 128 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<int> Multiply(
        sbyte* activations, Vector256<short> s0, Vector256<short> s1, Vector256<short> s2, Vector256<short> s3) =>
        (Vectors256.Scaled(_q0, activations, s0) + Vectors256.Scaled(_q1, activations + 32, s1))
            + (Vectors256.Scaled(_q2, activations + 64, s2) + Vectors256.Scaled(_q3, activations + 96, s3));
}
