using System.Runtime.Intrinsics;

namespace SmolLM3.Inference.Quantization;

/// <summary>
/// Finds the scale of a group of weights. Rounding to the scale that just covers the range is not the best there is:
/// some twenty scales around it are tried, each is refitted by least squares to the levels it gave, and the one with
/// the least error stays. Large weights count more, as they move the result more.
/// </summary>
internal static class BlockFit
{
    private const int CandidatesEachWay = 10;
    private const float CandidateStep = 0.1f;
    private const int Lanes = 8;

    /// <summary>The value within the range of half precision, so that finite weights stay finite.</summary>
    public static float Saturate(float value) => Math.Clamp(value, (float)Half.MinValue, (float)Half.MaxValue);

    /// <summary>The nearest half within the range.</summary>
    public static Half ToHalf(float value) => (Half)Saturate(value);

    /// <summary>The nearest level from 0 to <paramref name="top"/>.</summary>
    public static int Level(float value, int top) => Math.Clamp((int)(value + 0.5f), 0, top);

    /// <summary>The plain fit: level 0 is the smallest weight, level <paramref name="top"/> the largest.</summary>
    public static (float Scale, float Minimum) Range(ReadOnlySpan<float> x, int top)
    {
        (float low, float high) = (x[0], x[0]);
        foreach (float value in x)
        {
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }

        // Divided first: the difference of two large weights may overflow.
        return (Saturate(high / top - low / top), Saturate(low));
    }

    /// <summary>1/x, and 0 for 0: where the scale vanishes every level is 0.</summary>
    public static float Inverse(float scale) => scale == 0 || !float.IsFinite(1 / scale) ? 0 : 1 / scale;

    /// <summary>The value of the largest magnitude, with its sign.</summary>
    public static float SignedMax(ReadOnlySpan<float> x)
    {
        float max = 0;
        foreach (float value in x)
        {
            max = Math.Abs(value) > Math.Abs(max) ? value : max;
        }

        return max;
    }

    /// <summary>Fits x ≈ scale · level - minimum with levels 0..<paramref name="top"/> and minimum ≥ 0.</summary>
    /// <param name="x">Weights, a multiple of 8.</param>
    /// <param name="top">The largest level.</param>
    public static (float Scale, float Minimum) ScaleAndMinimum(ReadOnlySpan<float> x, int top)
    {
        float low = 0;
        float high = x[0];
        foreach (float value in x)
        {
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }

        if (high <= low)
        {
            return (0, -low);
        }

        Span<float> weights = stackalloc float[x.Length];
        Weigh(x, weights);
        (float Scale, float Minimum) best = default;
        float least = float.MaxValue;
        for (int candidate = -CandidatesEachWay; candidate <= CandidatesEachWay; candidate++)
        {
            float inverse = (top + candidate * CandidateStep) / (high - low);
            (float scale, float offset) = Refit(x, weights, inverse, low, top);
            float error = Error(x, weights, scale, offset, top);
            if (error < least)
            {
                (least, best) = (error, (scale, -offset));
            }
        }

        return best;
    }

    /// <summary>Fits x ≈ scale · level with levels -<paramref name="half"/>..<paramref name="half"/>-1.</summary>
    /// <param name="x">Weights, a multiple of 8.</param>
    /// <param name="half">Half the number of levels.</param>
    /// <returns>The scale, of either sign: the longer side of the levels goes to the largest weight.</returns>
    public static float Scale(ReadOnlySpan<float> x, int half)
    {
        float max = SignedMax(x);
        if (max == 0)
        {
            return 0;
        }

        Span<float> weights = stackalloc float[x.Length];
        Weigh(x, weights);
        float best = 0;
        float most = 0;
        for (int candidate = -CandidatesEachWay; candidate <= CandidatesEachWay; candidate++)
        {
            float inverse = -(half + candidate * CandidateStep) / max;
            (Vector256<float> xls, Vector256<float> lls) = (default, default);
            for (int i = 0; i < x.Length; i += Lanes)
            {
                Vector256<float> values = At(x, i);
                Vector256<float> levels = Levels(values * inverse, -half, half - 1);
                Vector256<float> weighted = At(weights, i) * levels;
                xls += weighted * values;
                lls += weighted * levels;
            }

            // The error of the refitted scale xl/ll is Σwx² - xl²/ll.
            (float xl, float ll) = (Total(xls), Total(lls));
            if (ll > 0 && xl * (xl / ll) > most)
            {
                (most, best) = (xl * (xl / ll), xl / ll);
            }
        }

        return best;
    }

    private static void Weigh(ReadOnlySpan<float> x, Span<float> weights)
    {
        // Relative to the largest, so that neither tiny nor huge weights leave the range when squared.
        float inverse = Inverse(Math.Abs(SignedMax(x)));
        Vector256<float> squares = default;
        for (int i = 0; i < x.Length; i += Lanes)
        {
            Vector256<float> relative = At(x, i) * inverse;
            squares += relative * relative;
        }

        Vector256<float> rms = Vector256.Create(MathF.Sqrt(Total(squares) / x.Length));
        for (int i = 0; i < x.Length; i += Lanes)
        {
            (rms + Vector256.Abs(At(x, i) * inverse)).CopyTo(weights[i..]);
        }
    }

    // Least squares of x = scale · level + offset over the levels that one inverse scale gives; offset ≤ 0.
    private static (float Scale, float Offset) Refit(
        ReadOnlySpan<float> x, ReadOnlySpan<float> weights, float inverse, float low, int top)
    {
        Vector256<float> ws = default, wxs = default, wls = default, wlls = default, wxls = default;
        for (int i = 0; i < x.Length; i += Lanes)
        {
            Vector256<float> values = At(x, i);
            Vector256<float> levels = Levels((values - Vector256.Create(low)) * inverse, 0, top);
            Vector256<float> weighted = At(weights, i) * levels;
            ws += At(weights, i);
            wxs += At(weights, i) * values;
            wls += weighted;
            wlls += weighted * levels;
            wxls += weighted * values;
        }

        (float w, float wx, float wl, float wll, float wxl) =
            (Total(ws), Total(wxs), Total(wls), Total(wlls), Total(wxls));
        float determinant = w * wll - wl * wl;
        if (determinant <= 0)
        {
            return (1 / inverse, low);
        }

        float offset = (wll * wx - wl * wxl) / determinant;
        return offset < 0 ? ((w * wxl - wx * wl) / determinant, offset) : (wxl / wll, 0);
    }

    private static float Error(
        ReadOnlySpan<float> x, ReadOnlySpan<float> weights, float scale, float offset, int top)
    {
        float inverse = Inverse(scale);
        Vector256<float> offsets = Vector256.Create(offset);
        Vector256<float> errors = default;
        for (int i = 0; i < x.Length; i += Lanes)
        {
            Vector256<float> values = At(x, i);
            Vector256<float> difference = Levels((values - offsets) * inverse, 0, top) * scale + offsets - values;
            errors += At(weights, i) * difference * difference;
        }

        return Total(errors);
    }

    private static Vector256<float> At(ReadOnlySpan<float> x, int i) => Vector256.Create(x[i..]);

    private static Vector256<float> Levels(Vector256<float> values, float low, float high)
        => Vector256.Clamp(Vector256.Round(values), Vector256.Create(low), Vector256.Create(high));

    // In a fixed order, so that every machine finds the same scales.
    private static float Total(Vector256<float> sums)
    {
        Vector128<float> half = sums.GetLower() + sums.GetUpper();
        return half[0] + half[1] + (half[2] + half[3]);
    }
}
