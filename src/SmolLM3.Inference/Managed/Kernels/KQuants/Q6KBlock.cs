using System.Runtime.InteropServices;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>256 weights of 6 bits: value = Scale * Scales[i / 16] * (quant - 32).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 2)]
internal unsafe struct Q6KBlock
{
    public const int Length = 256;
    public const int Bytes = 210;

    /// <summary>
    /// Lower 4 bits. Each half of the block has 64 bytes: low halves are weights 0..63, high halves weights 64..127.
    /// </summary>
    public fixed byte Low[Length / 2];

    /// <summary>
    /// Upper 2 bits. Each half of the block has 32 bytes, whose bit pairs are weights l, l+32, l+64, l+96.
    /// </summary>
    public fixed byte High[Length / 4];

    public fixed sbyte Scales[Length / 16];

    /// <summary>Half precision.</summary>
    public ushort Scale;
}
