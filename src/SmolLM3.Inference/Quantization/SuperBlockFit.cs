namespace SmolLM3.Inference.Quantization;

/// <summary>
/// The two levels of the K formats: 256 weights in sub-blocks, each with its own small integer scale, which count in
/// units of one half-precision number for all.
/// </summary>
internal static class SuperBlockFit
{
    /// <summary>Weights in a super-block.</summary>
    public const int Length = 256;

    /// <summary>Fits weight ≈ unit · scale · level - minimumUnit · minimum (Q2_K, Q4_K, Q5_K).</summary>
    /// <param name="x">256 weights.</param>
    /// <param name="top">Largest level of a weight.</param>
    /// <param name="scaleTop">Largest scale and minimum of a sub-block.</param>
    /// <param name="scales">Receives the scale of each sub-block; its length says how many there are.</param>
    /// <param name="minimums">Receives the minimum of each sub-block.</param>
    /// <param name="levels">Receives the level of each weight.</param>
    public static (Half Unit, Half MinimumUnit) ScalesAndMinimums(
        ReadOnlySpan<float> x, int top, int scaleTop, Span<byte> scales, Span<byte> minimums, Span<byte> levels)
    {
        int subLength = Length / scales.Length;
        Span<float> fitScales = stackalloc float[scales.Length];
        Span<float> fitMinimums = stackalloc float[scales.Length];
        for (int j = 0; j < scales.Length; j++)
        {
            (fitScales[j], fitMinimums[j]) = BlockFit.ScaleAndMinimum(x.Slice(j * subLength, subLength), top);
        }

        Half unit = BlockFit.ToHalf(Math.Abs(BlockFit.SignedMax(fitScales)) / scaleTop);
        Half minimumUnit = BlockFit.ToHalf(Math.Abs(BlockFit.SignedMax(fitMinimums)) / scaleTop);
        float inverseUnit = BlockFit.Inverse((float)unit);
        float inverseMinimumUnit = BlockFit.Inverse((float)minimumUnit);
        for (int j = 0; j < scales.Length; j++)
        {
            scales[j] = (byte)Math.Clamp(MathF.Round(inverseUnit * fitScales[j]), 0, scaleTop);
            minimums[j] = (byte)Math.Clamp(MathF.Round(inverseMinimumUnit * fitMinimums[j]), 0, scaleTop);
            float inverse = BlockFit.Inverse((float)unit * scales[j]);
            float minimum = (float)minimumUnit * minimums[j];
            for (int i = j * subLength; i < (j + 1) * subLength; i++)
            {
                levels[i] = (byte)Math.Clamp(MathF.Round(inverse * (x[i] + minimum)), 0, top);
            }
        }

        return (unit, minimumUnit);
    }

    /// <summary>Fits weight ≈ unit · scale · (level - half) with signed scales (Q3_K, Q6_K).</summary>
    /// <param name="x">256 weights.</param>
    /// <param name="half">Levels are 0..2·half-1 and stand for -half..half-1.</param>
    /// <param name="scaleHalf">Scales are -scaleHalf..scaleHalf-1.</param>
    /// <param name="scales">Receives the scale of each sub-block; its length says how many there are.</param>
    /// <param name="levels">Receives the level of each weight.</param>
    public static Half SignedScales(
        ReadOnlySpan<float> x, int half, int scaleHalf, Span<sbyte> scales, Span<byte> levels)
    {
        int subLength = Length / scales.Length;
        Span<float> fitScales = stackalloc float[scales.Length];
        for (int j = 0; j < scales.Length; j++)
        {
            fitScales[j] = BlockFit.Scale(x.Slice(j * subLength, subLength), half);
        }

        // The largest scale gets the longer, negative side.
        Half unit = BlockFit.ToHalf(BlockFit.SignedMax(fitScales) / -scaleHalf);
        float inverseUnit = BlockFit.Inverse((float)unit);
        for (int j = 0; j < scales.Length; j++)
        {
            scales[j] = (sbyte)Math.Clamp(MathF.Round(inverseUnit * fitScales[j]), -scaleHalf, scaleHalf - 1);
            float inverse = BlockFit.Inverse((float)unit * scales[j]);
            for (int i = j * subLength; i < (j + 1) * subLength; i++)
            {
                levels[i] = (byte)(Math.Clamp(MathF.Round(inverse * x[i]), -half, half - 1) + half);
            }
        }

        return unit;
    }
}
