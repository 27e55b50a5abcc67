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
    /// <summary>Weight of the likeliest token. With at most 2^18 tokens no sum exceeds 2^53, up to which doubles count
    /// exactly; a token 7e10 times less likely than the likeliest weighs nothing.</summary>
    public const float Scale = 1ul << 35;

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

    // Dividing, not multiplying by the inverse: 0 / temperature is 0 for the smallest temperature too.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Weigh(Vector256<float> logits, Vector256<float> max, Vector256<float> temperature) =>
        Vector256.Round(Vector256.Exp((logits - max) / temperature) * Scale);
}
