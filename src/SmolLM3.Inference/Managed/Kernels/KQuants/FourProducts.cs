using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>What four blocks or four tokens give, in the order of <see cref="Panels.BlockFold"/>.</summary>
/// <param name="Integers">Exact sums of products.</param>
/// <param name="Factors">What they are multiplied by.</param>
internal readonly record struct FourProducts(Vector256<int> Integers, Vector256<float> Factors)
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<float> ToSingle() => Vector256.ConvertToSingle(Integers) * Factors;
}
