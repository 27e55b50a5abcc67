using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SmolLM3.Extensions.Sampling;

/// <summary>
/// Probabilities as whole numbers. A token's weight is its probability relative to the likeliest token, times
/// <see cref="Scale"/>, rounded to a whole number: sums of weights are then exact in double precision, so no order of
/// summation, vector width or selection algorithm can change which token is drawn.
/// </summary>
internal static class TokenWeights
{
    /// <summary>What a relative probability of 1 weighs. With up to 2^17 tokens no sum exceeds 2^53, up to which
    /// doubles count exactly; a token 7e10 times less likely than the likeliest weighs nothing.</summary>
    public const float Scale = 1ul << 35;

    /// <summary>Weight of the likeliest token: <see cref="Scale"/>, but for the last bit of the vector exponential.
    /// </summary>
    public static float Largest { get; } = Weigh(default, default, Vector256<float>.One).ToScalar();

    /// <summary>Writes the weight of every token.</summary>
    /// <param name="logits">Shape <c>[vocabulary]</c>, without NaN.</param>
    /// <param name="max">The largest of them, finite.</param>
    /// <param name="temperature">Above 0.</param>
    /// <param name="weights">Shape <c>[vocabulary]</c>.</param>
    /// <returns>The sum of all weights.</returns>
    public static double FromLogits(ReadOnlySpan<float> logits, float max, float temperature, Span<float> weights)
    {
        Vector256<float> maxima = Vector256.Create(max);
        Vector256<float> temperatures = Vector256.Create(temperature);
        Vector256<double> sums = Vector256<double>.Zero;
        int whole = logits.Length - (logits.Length % Vector256<float>.Count);
        ref float source = ref MemoryMarshal.GetReference(logits);
        ref float destination = ref MemoryMarshal.GetReference(weights[..logits.Length]);
        for (int i = 0; i < whole; i += Vector256<float>.Count)
        {
            Vector256<float> weight = Weigh(Vector256.LoadUnsafe(ref source, (nuint)i), maxima, temperatures);
            weight.StoreUnsafe(ref destination, (nuint)i);
            (Vector256<double> lower, Vector256<double> upper) = Vector256.Widen(weight);
            sums += lower + upper;
        }

        double total = Vector256.Sum(sums);
        for (int i = whole; i < logits.Length; i++)
        {
            // The same vector function for the last few, so that a token's place in the row does not matter.
            weights[i] = Weigh(Vector256.Create(logits[i]), maxima, temperatures).ToScalar();
            total += weights[i];
        }

        return total;
    }

    /// <summary>Counts the tokens of at least some weight.</summary>
    /// <param name="weights">Shape <c>[vocabulary]</c>.</param>
    /// <param name="atLeast">The least weight.</param>
    /// <param name="mass">The sum of their weights.</param>
    public static int Count(ReadOnlySpan<float> weights, float atLeast, out double mass)
    {
        Vector256<float> least = Vector256.Create(atLeast);
        Vector256<int> counts = default;
        Vector256<double> sums = default;
        int whole = weights.Length - (weights.Length % Vector256<float>.Count);
        ref float source = ref MemoryMarshal.GetReference(weights);
        for (int i = 0; i < whole; i += Vector256<float>.Count)
        {
            Vector256<float> weight = Vector256.LoadUnsafe(ref source, (nuint)i);
            Vector256<float> isCounted = Vector256.GreaterThanOrEqual(weight, least);
            counts -= isCounted.AsInt32(); // true is -1
            (Vector256<double> lower, Vector256<double> upper) = Vector256.Widen(weight & isCounted);
            sums += lower + upper;
        }

        int count = Vector256.Sum(counts);
        mass = Vector256.Sum(sums);
        foreach (float weight in weights[whole..])
        {
            count += weight >= atLeast ? 1 : 0;
            mass += weight >= atLeast ? weight : 0;
        }

        return count;
    }

    // Dividing, not multiplying by the inverse: 0 / temperature is 0 for the smallest temperature too.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Weigh(
        Vector256<float> logits, Vector256<float> max, Vector256<float> temperature) =>
        Vector256.Round(Vector256.Exp((logits - max) / temperature) * Scale);
}
