using SmolLM3.Extensions.Sampling;

namespace SmolLM3.Extensions.Tests.Sampling;

public sealed class SamplingOptionsTests
{
    public static TheoryData<SamplingOptions, string, string> Wrong => new()
    {
        { new SamplingOptions { Temperature = -0.1f }, "Temperature", "at least 0" },
        { new SamplingOptions { Temperature = float.NaN }, "Temperature", "at least 0" },
        { new SamplingOptions { Temperature = float.PositiveInfinity }, "Temperature", "finite" },
        { new SamplingOptions { TopK = -1 }, "TopK", "at least 0" },
        { new SamplingOptions { TopP = 1.01f }, "TopP", "from 0 to 1" },
        { new SamplingOptions { TopP = float.NaN }, "TopP", "from 0 to 1" },
        { new SamplingOptions { MinP = -1 }, "MinP", "from 0 to 1" },
        { new SamplingOptions { FrequencyPenalty = 2.1f }, "FrequencyPenalty", "from -2 to 2" },
        { new SamplingOptions { PresencePenalty = float.NaN }, "PresencePenalty", "from -2 to 2" },
        { new SamplingOptions { RepetitionPenalty = 0 }, "RepetitionPenalty", "above 0" },
        { new SamplingOptions { TopLogProbabilities = 21 }, "TopLogProbabilities", "from 0 to 20" },
        { new SamplingOptions { LogitBias = Bias(100, 1) }, "LogitBias[100]", "from 0 to 99" },
        { new SamplingOptions { LogitBias = Bias(5, float.NaN) }, "LogitBias[5]", "finite" },
        { new SamplingOptions { LogitBias = Bias(5, float.PositiveInfinity) }, "LogitBias[5]", "negative infinity" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_out_of_range_is_named_with_the_range(SamplingOptions options, string name, string range)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => options.Validate(vocabularySize: 100));

        Assert.Equal(name, error.ParamName);
        Assert.Contains($"{name} must be", error.Message);
        Assert.Contains(range, error.Message);
    }

    [Fact]
    public void The_model_cards_numbers_are_the_defaults()
    {
        var options = new SamplingOptions();

        options.Validate(1);
        Assert.Equal((0.6f, 0.95f, 0, 0f, 1f), (
            options.Temperature, options.TopP, options.TopK, options.MinP, options.RepetitionPenalty));
    }

    [Fact]
    public void The_ends_of_every_range_are_allowed()
    {
        new SamplingOptions { Temperature = 0, TopP = 0, MinP = 1, FrequencyPenalty = -2, PresencePenalty = 2 }
            .Validate(1);
        new SamplingOptions { LogitBias = Bias(0, float.NegativeInfinity), TopLogProbabilities = 20 }.Validate(1);
    }

    private static Dictionary<int, float> Bias(int token, float value) => new() { [token] = value };
}
