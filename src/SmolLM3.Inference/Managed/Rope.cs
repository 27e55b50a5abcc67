namespace SmolLM3.Inference.Managed;

/// <summary>
/// Rotary position embedding: pair i of a head is turned by position * base^(-2i / dimensions). Angles are computed in
/// double precision, as at position 65,000 a float angle is off by a hundredth of a turn.
/// </summary>
internal sealed unsafe class Rope
{
    private readonly double[] _frequencies;
    private readonly double _magnitude;

    /// <summary>Prepares the frequencies.</summary>
    /// <param name="dimensions">Numbers of a head that are turned, an even number.</param>
    /// <param name="frequencyBase">The base.</param>
    /// <param name="scaling">How positions are stretched, or null.</param>
    public Rope(int dimensions, double frequencyBase, RopeScaling? scaling)
    {
        _frequencies = new double[dimensions / 2];
        for (int i = 0; i < _frequencies.Length; i++)
        {
            _frequencies[i] = Math.Pow(frequencyBase, -2.0 * i / dimensions);
        }

        _magnitude = scaling?.AttentionFactor ?? 1;
        if (scaling is { Factor: > 1 })
        {
            Stretch(scaling, dimensions, frequencyBase);
            _magnitude *= scaling.IsYarn ? 1 + (0.1 * Math.Log(scaling.Factor)) : 1;
        }
    }

    /// <summary>Numbers of a head that are turned.</summary>
    public int Dimensions => 2 * _frequencies.Length;

    /// <summary>Writes the tables of one position as <see cref="Kernels.VectorKernel.Rotate"/> reads them, each of
    /// shape <c>[dimensions]</c>.</summary>
    public void Fill(int position, float* cos, float* sin)
    {
        for (int i = 0; i < _frequencies.Length; i++)
        {
            (double sine, double cosine) = Math.SinCos(position * _frequencies[i]);
            cos[2 * i] = cos[(2 * i) + 1] = (float)(cosine * _magnitude);
            sin[(2 * i) + 1] = (float)(sine * _magnitude);
            sin[2 * i] = -sin[(2 * i) + 1];
        }
    }

    // A pair that makes many turns within the original context keeps its frequency, one that makes few is slowed by
    // the whole factor, and those between are mixed. Linear scaling slows all.
    private void Stretch(RopeScaling scaling, int dimensions, double frequencyBase)
    {
        double first = Math.Max(0, Math.Floor(PairWithTurns(scaling.BetaFast)));
        double last = Math.Min(dimensions - 1, Math.Ceiling(PairWithTurns(scaling.BetaSlow)));
        for (int i = 0; i < _frequencies.Length; i++)
        {
            double slowed = scaling.IsYarn ? Math.Clamp((i - first) / Math.Max(0.001, last - first), 0, 1) : 1;
            _frequencies[i] *= (slowed / scaling.Factor) + (1 - slowed);
        }

        double PairWithTurns(double turns)
        {
            double positionsPerRadian = scaling.OriginalContextLength / (turns * 2 * Math.PI);
            return dimensions * Math.Log(positionsPerRadian) / (2 * Math.Log(frequencyBase));
        }
    }
}
