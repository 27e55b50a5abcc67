namespace SmolLM3.Inference.Managed.Kernels.Activations;

/// <summary>
/// A row of activations with one scale for 32 values: first all quants, then all scales. Quants are in [-127, 127] but
/// kept as 16 bits, because that is what multiply-and-add-pairs takes without saturating on signed 8-bit weights.
/// </summary>
internal readonly unsafe ref struct Q80Row(byte* row, int columns)
{
    public const int BlockLength = 32;

    /// <summary>[columns].</summary>
    public short* Quants { get; } = (short*)row;

    /// <summary>[columns / 32].</summary>
    public float* Scales { get; } = (float*)(row + (long)columns * sizeof(short));

    public static long DataBytes(int columns) => (long)columns * sizeof(short) + columns / BlockLength * sizeof(float);
}
