using CsCheck;
using SmolLM3.Extensions.Sampling;

namespace SmolLM3.Extensions.Tests.Sampling;

public sealed class SamplerTests
{
    private static readonly Gen<SamplingOptions> _options =
        from temperature in Gen.OneOf(Gen.Float[0.1f, 3], Gen.Const(1f), Gen.Const(1e-30f))
        from topK in Gen.OneOf(Gen.Int[1, 60], Gen.Const(0))
        from topP in Gen.OneOf(Gen.Float[0, 1], Gen.Const(0f), Gen.Const(1f))
        from minP in Gen.OneOf(Gen.Float[0, 0.3f], Gen.Const(0f), Gen.Const(1f))
        select new SamplingOptions { Temperature = temperature, TopK = topK, TopP = topP, MinP = minP };

    // Few distinct values make ties; wide ones make tokens that weigh nothing; some are ruled out.
    private static readonly Gen<float[]> _logits =
        from spread in Gen.OneOf(Gen.Const(1f), Gen.Const(5f), Gen.Const(30f), Gen.Const(200f))
        from steps in Gen.OneOf(Gen.Const(2), Gen.Const(20), Gen.Const(1_000_000))
        from values in Gen.OneOf(
            Gen.Int[-1_000_000, 1_000_000].Select(value => (float)(value * (long)steps / 1_000_000) / steps),
            Gen.Frequency((9, Gen.Float[-1, 1]), (1, Gen.Const(float.NegativeInfinity)))).Array[1, 90]
        select values.Append(0).Select(value => value * spread).ToArray();

    [Fact]
    public void Every_choice_equals_the_full_sort() => Gen.Select(_logits, _options, Gen.ULong).Sample(
        (logits, options, random) => Assert.Equal(
            NaiveSampler.Choose(logits, options, random),
            new Sampler(logits.Length).Choose(logits, options, random)),
        iter: 10_000);

    [Theory]
    [InlineData(0, 0.95f, 0)]
    [InlineData(0, 1, 0)]
    [InlineData(1000, 1, 0)]
    [InlineData(40, 0.9f, 0.05f)]
    [InlineData(0, 1, 0.001f)]
    public void So_does_it_with_many_tokens(int topK, float topP, float minP)
    {
        var random = new Random(7);
        var sampler = new Sampler(4_001);
        var options = new SamplingOptions { Temperature = 1, TopK = topK, TopP = topP, MinP = minP };
        foreach (float spread in (float[])[0.1f, 2, 6])
        {
            float[] logits = [.. Enumerable.Range(0, 4_001).Select(_ => (float)random.NextDouble() * spread * spread)];
            for (int i = 0; i < 10; i++)
            {
                ulong bits = (ulong)random.NextInt64() << 1;
                Assert.Equal(NaiveSampler.Choose(logits, options, bits), sampler.Choose(logits, options, bits));
            }
        }
    }

    [Fact]
    public void Draws_follow_the_distribution()
    {
        const int Draws = 100_000;
        float[] logits = [.. Enumerable.Range(0, 40).Select(i => MathF.Sin(i * 1.7f) * 3)];
        var options = new SamplingOptions { Temperature = 0.8f, TopP = 0.97f };
        var sampler = new Sampler(40);
        var counts = new int[40];
        for (int i = 0; i < Draws; i++)
        {
            counts[sampler.Choose(logits, options, SamplingRandom.Next(seed: 5, i))]++;
        }

        List<(int Id, double Weight)> tokens = NaiveSampler.Distribution(logits, options);
        double mass = tokens.Sum(token => token.Weight), chiSquared = 0;
        foreach ((int id, double weight) in tokens)
        {
            double expected = Draws * weight / mass;
            chiSquared += Math.Pow(counts[id] - expected, 2) / expected;
        }

        Assert.Equal(Draws, tokens.Sum(token => counts[token.Id]));
        Assert.InRange(tokens.Count, 10, 39);
        // Mean n, deviation sqrt(2n): four deviations either way. Draws too even to be random fail too.
        int freedom = tokens.Count - 1;
        Assert.InRange(chiSquared, freedom - (4 * Math.Sqrt(freedom)), freedom + (4 * Math.Sqrt(2 * freedom)));
    }

    [Fact]
    public void Weights_are_the_probabilities()
    {
        float[] logits = [.. Enumerable.Range(0, 1003).Select(i => MathF.Sin(i) * 12)];
        var weights = new float[logits.Length];
        double sum = TokenWeights.FromLogits(logits, logits.Max(), 0.7f, weights);

        Assert.Equal(TokenWeights.Largest, weights.Max());
        Assert.InRange(TokenWeights.Largest / TokenWeights.Scale, 0.9999998f, 1.0000002f);
        Assert.Equal(weights.Sum(weight => (double)weight), sum);
        for (int i = 0; i < logits.Length; i++)
        {
            double exact = Math.Exp((logits[i] - (double)logits.Max()) / 0.7f) * TokenWeights.Scale;
            Assert.InRange(weights[i], (exact * (1 - 1e-5)) - 1, (exact * (1 + 1e-5)) + 1);
            Assert.Equal(MathF.Truncate(weights[i]), weights[i]);
        }
    }

    [Fact]
    public void Temperature_zero_takes_the_likeliest_and_of_equals_the_first()
    {
        var options = new SamplingOptions { Temperature = 0, TopK = 3, TopP = 0.1f };
        float[] logits = [-1, 4, float.NegativeInfinity, 4, 3.9f, 4, 0, 0, 0, 0, 4, 1];

        Assert.Equal(1, new Sampler(logits.Length).Choose(logits, options, random: ulong.MaxValue));
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.7f)]
    public void What_cannot_be_sampled_is_said(float temperature)
    {
        var options = new SamplingOptions { Temperature = temperature };
        Check<InvalidLogitsException>([1, float.NaN, 3], "NaN");
        Check<InvalidLogitsException>([1, float.PositiveInfinity, 3], "infinity");
        Check<InvalidOperationException>([float.NegativeInfinity, float.NegativeInfinity], "rule out");

        void Check<TException>(float[] logits, string said)
            where TException : Exception => Assert.Contains(said, Assert.Throws<TException>(
                () => new Sampler(logits.Length).Choose(logits, options, 0)).Message);
    }

    [Fact]
    public void The_rarest_and_the_commonest_draw_are_tokens_that_may_come()
    {
        var sampler = new Sampler(300_000);
        var options = new SamplingOptions { Temperature = 1, TopP = 1 };
        float[] flat = new float[300_000];

        Assert.Equal(0, sampler.Choose(flat, options, 0));
        Assert.Equal(299_999, sampler.Choose(flat, options, ulong.MaxValue));
    }

    [Fact]
    public void Sampling_allocates_nothing()
    {
        var random = new Random(3);
        float[] source = [.. Enumerable.Range(0, 5000).Select(_ => (float)random.NextDouble() * 10)];
        var logits = new float[5000];
        var sampler = new Sampler(5000);
        var options = new SamplingOptions
        {
            TopK = 50, MinP = 0.01f, FrequencyPenalty = 0.1f, LogitBias = new Dictionary<int, float> { [3] = 1 },
        };
        var state = new SamplingState(options, 1, [1, 2], [new BannedTokens([4])]);
        Draw();

        long before = GC.GetAllocatedBytesForCurrentThread();
        Draw();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Draw()
        {
            for (int i = 0; i < 100; i++)
            {
                source.CopyTo(logits, 0);
                sampler.Sample(logits, state, out _);
            }
        }
    }
}
