using CsCheck;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Quantization;

namespace SmolLM3.Inference.Tests.Quantization;

public sealed class RowCodecTests
{
    public static TheoryData<GgufTensorType> Types => [.. GgufTensorTypes.All];

    // Root mean square error on Gaussian weights, in standard deviations: a few percent above what was measured, and
    // no more than ggml's own reference quantizers leave.
    [Theory]
    [InlineData(GgufTensorType.F32, 0)]
    [InlineData(GgufTensorType.F16, 0.00025)]
    [InlineData(GgufTensorType.BF16, 0.0019)]
    [InlineData(GgufTensorType.Q8_0, 0.0057)]
    [InlineData(GgufTensorType.Q6_K, 0.0182)]
    [InlineData(GgufTensorType.Q5_K, 0.0375)]
    [InlineData(GgufTensorType.Q5_1, 0.0395)]
    [InlineData(GgufTensorType.Q5_0, 0.045)]
    [InlineData(GgufTensorType.Q4_K, 0.075)]
    [InlineData(GgufTensorType.Q4_1, 0.082)]
    [InlineData(GgufTensorType.Q4_0, 0.090)]
    [InlineData(GgufTensorType.Q3_K, 0.150)]
    [InlineData(GgufTensorType.Q2_K, 0.285)]
    public void Gaussian_weights_lose_little(GgufTensorType type, double bound)
    {
        float[] weights = Gaussian(8192, deviation: 0.02, seed: 11);

        float[] decoded = RoundTrip(type, weights);

        double squares = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            squares += Math.Pow((decoded[i] - weights[i]) / 0.02, 2);
        }

        Assert.InRange(Math.Sqrt(squares / weights.Length), 0, bound);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Zeros_stay_zeros_and_every_byte_is_written(GgufTensorType type)
    {
        var row = new byte[GgufTensorTypes.RowBytes(type, 512)];
        row.AsSpan().Fill(0xA5);
        RowCodec.Quantize(type, new float[512], row);
        byte[] again = new byte[row.Length];
        RowCodec.Quantize(type, new float[512], again);

        Assert.Equal(again, row);
        Assert.Equal(new float[512], Decode(type, row, 512));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Equal_weights_come_back_within_a_few_percent(GgufTensorType type)
    {
        foreach (float value in (float[])[1, -1, 0.0123f, -40, 1000])
        {
            float[] weights = [.. Enumerable.Repeat(value, 256)];

            Assert.All(RoundTrip(type, weights), decoded => Assert.InRange(decoded / value, 0.96, 1.04));
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Any_finite_weights_give_finite_weights(GgufTensorType type)
    {
        Gen<float> any = Gen.Float.Where(float.IsFinite);
        Gen<float> mixed = Gen.OneOf(any, Gen.Const(0f), Gen.Const(float.MaxValue), Gen.Const(-float.MaxValue),
            Gen.Const(float.Epsilon), Gen.Const(65504f), Gen.Const(-70000f), Gen.Float[-1, 1]);

        mixed.Array[256].Sample(weights => Array.TrueForAll(RoundTrip(type, weights), float.IsFinite), iter: 200);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Not_a_number_does_no_harm_to_other_blocks(GgufTensorType type)
    {
        float[] weights = Gaussian(768, deviation: 1, seed: 12);
        float[] expected = RoundTrip(type, weights);
        weights[300] = float.NaN;

        float[] decoded = RoundTrip(type, weights);

        Assert.Equal(expected[..256], decoded[..256]);
        Assert.Equal(expected[512..], decoded[512..]);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Quantizing_what_was_decoded_hardly_moves_it(GgufTensorType type)
    {
        float[] once = RoundTrip(type, Gaussian(1024, deviation: 1, seed: 13));
        float[] twice = RoundTrip(type, once);

        double moved = 0;
        for (int i = 0; i < once.Length; i++)
        {
            moved += Math.Pow(twice[i] - once[i], 2);
        }

        // The second rounding starts from points of a grid; its own error is far below the first one's.
        Assert.InRange(Math.Sqrt(moved / once.Length), 0, type == GgufTensorType.Q2_K ? 0.16 : 0.05);
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => RowCodec.Dequantize(GgufTensorType.Q4_K, new byte[144], new float[255]));
        Assert.Throws<ArgumentException>(() => RowCodec.Dequantize(GgufTensorType.Q4_K, new byte[143], new float[256]));
        Assert.Throws<ArgumentException>(() => RowCodec.Quantize(GgufTensorType.F16, new float[3], new byte[8]));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => RowCodec.Quantize((GgufTensorType)23, new float[256], new byte[144]));
    }

    private static float[] RoundTrip(GgufTensorType type, float[] weights)
    {
        var row = new byte[GgufTensorTypes.RowBytes(type, weights.Length)];
        RowCodec.Quantize(type, weights, row);
        return Decode(type, row, weights.Length);
    }

    private static float[] Decode(GgufTensorType type, byte[] row, int count)
    {
        var values = new float[count];
        RowCodec.Dequantize(type, row, values);
        return values;
    }

    private static float[] Gaussian(int count, double deviation, int seed)
    {
        var random = new Random(seed);
        double Next()
            => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return [.. Enumerable.Range(0, count).Select(_ => (float)(deviation * Next()))];
    }
}
