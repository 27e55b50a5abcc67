using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>What the AVX-512 kernels of the K formats have in common.</summary>
internal static unsafe class Vectors512
{
    /// <summary>32 bytes in both halves.</summary>
    /// <remarks>Not by BroadcastVector256ToVector512: .NET 10.0 encodes its displacement in units of 16 bytes, where the
    /// processor takes 32, and so reads from elsewhere whenever it folds one in.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Twice(byte* source)
    {
        Vector256<byte> bytes = Vector256.Load(source);
        return bytes.ToVector512Unsafe().WithUpper(bytes);
    }

    /// <summary>64 weights times activations, pairs times their scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Scaled(Vector512<byte> weights, sbyte* activations, Vector512<short> scales) =>
        Avx512BW.MultiplyAddAdjacent(
            Avx512BW.MultiplyAddAdjacent(weights, Vector512.Load(activations)), scales);

    /// <summary>Adds the halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Halve(Vector512<int> sums) => sums.GetLower() + sums.GetUpper();
}
