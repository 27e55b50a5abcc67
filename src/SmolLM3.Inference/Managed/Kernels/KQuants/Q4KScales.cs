using System.Runtime.CompilerServices;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>
/// The 8 scales and 8 minimums of 6 bits that a Q4_K block packs in 12 bytes, one byte each, the first in the lowest:
/// three 32-bit words hold 4 low scales, 4 low minimums, and 4 bits of the others, whose upper 2 bits sit above the low
/// ones.
/// </summary>
internal readonly unsafe struct Q4KScales
{
    public readonly ulong Scales;
    public readonly ulong Minimums;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Q4KScales(byte* packed)
    {
        uint first = *(uint*)packed;
        uint second = *(uint*)(packed + 4);
        uint third = *(uint*)(packed + 8);
        Scales = first & 0x3f3f3f3fu
            | (ulong)(third & 0x0f0f0f0fu | (first >> 2) & 0x30303030u) << 32;
        Minimums = second & 0x3f3f3f3fu
            | (ulong)((third >> 4) & 0x0f0f0f0fu | (second >> 2) & 0x30303030u) << 32;
    }
}
