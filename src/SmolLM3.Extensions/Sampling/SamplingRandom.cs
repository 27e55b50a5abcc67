namespace SmolLM3.Extensions.Sampling;

/// <summary>
/// Random numbers that are a function of (seed, place in the answer) and of nothing else, so that neither batching nor
/// parking nor drafting can change what is drawn. The mixer is SplitMix64's (Steele, Lea and Flood 2014), used as a
/// counter hash.
/// </summary>
internal static class SamplingRandom
{
    /// <summary>64 random bits.</summary>
    /// <param name="seed">The request's seed.</param>
    /// <param name="position">Index of the token in the answer, from 0.</param>
    public static ulong Next(long seed, int position) =>
        // The seed is mixed first: requests with neighbouring seeds must not walk along the same sequence.
        Mix(Mix((ulong)seed) + (0x9E3779B97F4A7C15ul * ((ulong)position + 1)));

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ul;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBul;
        return value ^ (value >> 31);
    }
}
