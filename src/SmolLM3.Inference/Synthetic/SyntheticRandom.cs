namespace SmolLM3.Inference.Synthetic;

/// <summary>
/// SplitMix64. Bell-shaped numbers come from sums and products only, never from a logarithm or a cosine, whose last
/// bits differ between platforms.
/// </summary>
internal struct SyntheticRandom
{
    private ulong _state;

    public SyntheticRandom(long seed, ReadOnlySpan<char> name)
    {
        _state = (ulong)seed;
        foreach (char c in name)
        {
            _state = (_state ^ c) * 0x100000001b3;
            _ = Next();
        }
    }

    public ulong Next()
    {
        _state += 0x9e3779b97f4a7c15;
        ulong z = _state;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    /// <summary>Mean 0, deviation 1: the sum of four uniform 16-bit numbers, within ±3.5.</summary>
    public float NextBell()
    {
        ulong bits = Next();
        int sum = (ushort)bits + (ushort)(bits >> 16) + (ushort)(bits >> 32) + (ushort)(bits >> 48);

        // Four uniform numbers of width 2^16: variance 4 · 2^32 / 12.
        return (sum - 131_070) * (1.7320508f / 65_536);
    }
}
