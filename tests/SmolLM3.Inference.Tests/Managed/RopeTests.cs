using SmolLM3.Inference.Managed;

namespace SmolLM3.Inference.Tests.Managed;

/// <summary>Angles and magnitudes against llama.cpp's way of computing them: the angle stretched and the angle as it
/// was, mixed by a ramp over the pairs.</summary>
public sealed unsafe class RopeTests
{
    private const int Dimensions = 128;
    private const double Base = 5e6;
    private const int Original = 65_536;

    [Theory]
    [InlineData(1f, false, 1f)]
    [InlineData(1f, false, 1.25f)]
    [InlineData(4f, false, 1f)]
    [InlineData(4f, false, 0.5f)]
    [InlineData(2f, true, 1f)]
    [InlineData(4f, true, 1.25f)]
    public void Every_pair_is_turned_as_llama_cpp_turns_it(float factor, bool yarn, float attention)
    {
        Rope rope = new(Dimensions, Base, new RopeScaling(factor, yarn, Original, AttentionFactor: attention));
        float[] cos = new float[Dimensions], sin = new float[Dimensions];
        foreach (int position in new[] { 0, 1, 777, 131_000 })
        {
            fixed (float* cosines = cos, sines = sin)
            {
                rope.Fill(position, cosines, sines);
            }

            for (int pair = 0; pair < Dimensions / 2; pair++)
            {
                (double angle, double magnitude) = Expected(position, pair, factor, yarn);
                Assert.Equal(Math.Cos(angle) * magnitude * attention, cos[2 * pair], 1e-6);
                Assert.Equal(Math.Sin(angle) * magnitude * attention, sin[(2 * pair) + 1], 1e-6);
            }
        }
    }

    private static (double Angle, double Magnitude) Expected(int position, int pair, double factor, bool yarn)
    {
        double unstretched = position * Math.Pow(Base, -2.0 * pair / Dimensions);
        double stretched = unstretched / factor;
        if (!yarn)
        {
            return (stretched, 1);
        }

        double low = Math.Max(0, Math.Floor(Correction(32)));
        double high = Math.Min(Dimensions - 1, Math.Ceiling(Correction(1)));
        double mix = 1 - Math.Clamp((pair - low) / Math.Max(0.001, high - low), 0, 1);
        return ((stretched * (1 - mix)) + (unstretched * mix), 1 + (0.1 * Math.Log(factor)));

        static double Correction(double turns) =>
            Dimensions * Math.Log(Original / (turns * 2 * Math.PI)) / (2 * Math.Log(Base));
    }
}
