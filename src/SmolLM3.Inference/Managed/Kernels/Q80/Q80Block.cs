using System.Runtime.InteropServices;

namespace SmolLM3.Inference.Managed.Kernels.Q80;

/// <summary>32 weights of 8 bits: value = Scale * quant.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 2)]
internal unsafe struct Q80Block
{
    public const int Length = 32;
    public const int Bytes = 34;

    /// <summary>Half precision.</summary>
    public ushort Scale;

    public fixed sbyte Quants[Length];
}
