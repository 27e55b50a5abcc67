using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>What the AVX2 kernels of the K formats have in common.</summary>
internal static unsafe class Vectors256
{
    /// <summary>32 weights times activations, pairs times their scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Scaled(Vector256<byte> weights, sbyte* activations, Vector256<short> scales) =>
        Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(weights, Vector256.Load(activations)), scales);
}
