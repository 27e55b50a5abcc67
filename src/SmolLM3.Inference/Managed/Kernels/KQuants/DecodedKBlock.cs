using System.Runtime.InteropServices;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>
/// What all K-formats become: value = Scale * Scales[i / 16] * quant - Minimum * Minimums[i / 16].
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal unsafe struct DecodedKBlock
{
    public const int Length = 256;
    public const int Bytes = 328;

    /// <summary>In [-32, 31].</summary>
    public fixed sbyte Quants[Length];

    public fixed short Scales[Length / 16];

    /// <summary>Zeros where the format has none.</summary>
    public fixed short Minimums[Length / 16];

    public float Scale;

    public float Minimum;
}
