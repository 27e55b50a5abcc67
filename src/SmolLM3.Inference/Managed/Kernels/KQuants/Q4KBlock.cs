using System.Runtime.InteropServices;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>256 weights of 4 bits: value = Scale * scale(i / 32) * quant - Minimum * minimum(i / 32).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 2)]
internal unsafe struct Q4KBlock
{
    public const int Length = 256;
    public const int Bytes = 144;

    /// <summary>Half precision.</summary>
    public ushort Scale;

    /// <summary>Half precision.</summary>
    public ushort Minimum;

    /// <summary>8 scales and 8 minimums of 6 bits, see <see cref="Q4KScales"/>.</summary>
    public fixed byte Scales[12];

    /// <summary>32 bytes hold 64 weights: low halves the first 32, high halves the second.</summary>
    public fixed byte Quants[Length / 2];
}
