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
            float xl = 0;
            float ll = 0;
            for (int i = 0; i < x.Length; i++)
            {
                float level = Math.Clamp(MathF.Round(inverse * x[i]), -half, half - 1);
                xl += weights[i] * x[i] * level;
                ll += weights[i] * level * level;
            }

            // The error of the refitted scale xl/ll is Σwx² - xl²/ll.
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
        float squares = 0;
        foreach (float value in x)
        {
            squares += value * inverse * (value * inverse);
        }

        float rms = MathF.Sqrt(squares / x.Length);
        for (int i = 0; i < x.Length; i++)
        {
            weights[i] = rms + Math.Abs(x[i] * inverse);
        }
    }

    // Least squares of x = scale · level + offset over the levels that one inverse scale gives; offset ≤ 0.
    private static (float Scale, float Offset) Refit(
        ReadOnlySpan<float> x, ReadOnlySpan<float> weights, float inverse, float low, int top)
    {
        float w = 0, wx = 0, wl = 0, wll = 0, wxl = 0;
        for (int i = 0; i < x.Length; i++)
        {
            float level = Math.Clamp(MathF.Round(inverse * (x[i] - low)), 0, top);
            float weighted = weights[i] * level;
            w += weights[i];
            wx += weights[i] * x[i];
            wl += weighted;
            wll += weighted * level;
            wxl += weighted * x[i];
        }

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
        float error = 0;
        for (int i = 0; i < x.Length; i++)
        {
            float level = Math.Clamp(MathF.Round(inverse * (x[i] - offset)), 0, top);
            float difference = scale * level + offset - x[i];
            error += weights[i] * difference * difference;
        }

        return error;
    }
}
