using System.Runtime.InteropServices;

namespace SmolLM3.Inference.Managed.Kernels.Activations;

/// <summary>256 activations: value = <see cref="Scale"/> * quant. Five cache lines.</summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal unsafe struct Q8KBlock
{
    public const int Length = 256;
    public const int Bytes = 320;

    /// <summary>In [-127, 127].</summary>
    public fixed sbyte Quants[Length];

    /// <summary>Sums of 16 neighbouring quants.</summary>
    public fixed short Sums16[Length / 16];

    /// <summary>Sums of 32 neighbouring quants.</summary>
    public fixed short Sums32[Length / 32];

    public float Scale;
}
