using Microsoft.Extensions.Options;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Tests;

public class SmolLM3OptionsValidatorTests
{
    [Fact]
    public void No_model_is_an_error_that_says_how_to_set_one()
    {
        string failure = Assert.Single(Failures(new() { Model = " " }));
        Assert.Contains("SmolLM3Options.Model", failure);
        Assert.Contains("UseTinyModel()", failure);
    }

    [Fact]
    public void Defaults_are_valid()
    {
        Assert.Empty(Failures(new()));
        Assert.Empty(Failures(new() { Model = "a.gguf" }));
        Assert.Empty(Failures(new SmolLM3Options().UseModel("stream", () => Stream.Null)));
    }

    [Fact]
    public void Every_rule_has_a_message_of_its_own()
    {
        IReadOnlyList<string> failures = Failures(new()
        {
            Model = null,
            ModelId = " ",
            ContextLength = 0,
            MaxSequences = 0,
            CapacityTokens = 0,
            Threads = 0,
            YarnFactor = 0.5f,
            KvCacheType = (KvCacheType)7,
            ContextOverflow = (ContextOverflow)7,
            MaxOutputTokens = 0,
            Temperature = float.NaN,
            TopP = 1.5f,
            TopK = -1,
            MinP = 1.5f,
            RepetitionPenalty = 0,
            LowThinkingTokens = 0,
            MediumThinkingTokens = 0,
            HighThinkingTokens = 0,
            ExtraHighThinkingTokens = 0,
        });

        Assert.Equal(19, failures.Count);
        Assert.Equal(19, failures.Distinct().Count());
        string[] names =
        [
            "ModelId", "ContextLength", "ContextOverflow", "MaxSequences", "CapacityTokens", "Threads", "YarnFactor",
            "KvCacheType", "MaxOutputTokens", "Temperature", "TopP", "TopK", "MinP", "RepetitionPenalty",
            "LowThinkingTokens", "MediumThinkingTokens", "HighThinkingTokens", "ExtraHighThinkingTokens",
        ];
        Assert.All(
            names, name => Assert.Single(failures, failure => failure.StartsWith(name + " must be",
            StringComparison.Ordinal)));
        Assert.Contains("YarnFactor must be at least 1, but is 0.5.", failures);
    }

    [Fact]
    public void Every_adapter_has_a_name_a_path_and_a_scale()
    {
        SmolLM3Options options = new() { Model = "a.gguf" };
        options.LoraAdapters["good"] = new() { Path = "good.gguf", Scale = -0.5f };
        Assert.Empty(Failures(options));
        options.LoraAdapters[" "] = new() { Path = "a.gguf" };
        options.LoraAdapters["pathless"] = new() { Scale = float.NaN };
        options.LoraAdapters["missing"] = null!;
        Assert.Equal(
            [
                "LoraAdapters[\" \"] must have a name.",
                "LoraAdapters[\"pathless\"].Path must be the path of a LoRA adapter in GGUF.",
                "LoraAdapters[\"pathless\"].Scale must be a finite number, but is NaN.",
                "LoraAdapters[\"missing\"].Path must be the path of a LoRA adapter in GGUF.",
            ],
            Failures(options));
        options.LoraAdapters = null!;
        Assert.Contains("must be a dictionary", Assert.Single(Failures(options)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_client_made_by_hand_is_checked_too()
    {
        OptionsValidationException error =
            Assert.Throws<OptionsValidationException>(() => new SmolLM3ChatClient(new() { Model = "" }));
        Assert.Contains("No model is set", error.Message);
        Assert.Throws<ArgumentNullException>(() => new SmolLM3ChatClient(null!));
    }

    private static IReadOnlyList<string> Failures(SmolLM3Options options) =>
        [.. new SmolLM3OptionsValidator().Validate(null, options).Failures ?? []];
}
