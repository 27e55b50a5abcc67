namespace SmolLM3.Inference.Managed.Kernels;

/// <summary>Constants for turning half numbers into floats and back with integer operations.</summary>
internal static class HalfFormat
{
    /// <summary>What a half is multiplied by when its exponent and fraction bits are moved into a float's place
    /// without correcting the exponent's bias: 2 to the power of 15 - 127.</summary>
    public const float WidenedScale = 1.92592994e-34f;

    /// <summary>Keeps sign, exponent and fraction of a moved half; clears the copies of its sign between them.</summary>
    public const int WidenedMask = unchecked((int)0x8FFFE000);

    /// <summary>The greatest half number. Larger values are held there, as an infinite key would spoil every
    /// later token.</summary>
    public const float Greatest = 65504f;

    /// <summary>A half that is not a number. As the first number of a key it marks a token whose key or value is not
    /// finite: widened halves cannot tell such numbers from large ones.</summary>
    public const ushort NotANumber = 0x7E00;

    /// <summary>Below this, 2 to the power of -14, a half has fewer fraction bits.</summary>
    public const float SmallestNormal = 6.103515625e-05f;

    /// <summary>Adding this to a small number rounds it to a whole number of the smallest halves.</summary>
    public const float SubnormalRounder = 0.5f;

    /// <summary>Bits of <see cref="SubnormalRounder"/>.</summary>
    public const int SubnormalRounderBits = 126 << 23;

    /// <summary>Difference of the exponents' biases in a float's place, less the rounding term.</summary>
    public const int NarrowBias = (112 << 23) - 0xFFF;
}
