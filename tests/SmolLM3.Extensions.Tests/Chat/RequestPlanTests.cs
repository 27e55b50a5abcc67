using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Loading;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Tests.Chat;

/// <summary>What a model must have for a request.</summary>
public sealed class RequestPlanTests
{
    [Fact]
    public void A_model_without_tokens_for_code_refuses_to_write_it_and_answers_all_else()
    {
        Tokenizer words = Vocabularies.With(
            "<think>", "</think>", "<tool_call>", "</tool_call>", "<|im_start|>", "<|im_end|>");
        LoadedModel model = new()
        {
            Tokenizer = words,
            Vocabulary = new ChatVocabulary(words),
            Generator = new ScriptedGenerator(_ => [], words.VocabularySize),
            Model = new ModelInfo("smollm3", "Scripted", words.VocabularySize, 4096, 1, 1),
            Engine = new EngineInfo("scripted", "none", 1, true),
            ContextLength = 4096,
        };
        RequestSettings settings = new() { Sampling = new() };
        DateOnly today = new(2026, 11, 23);

        Assert.NotEmpty(Create(settings).Generation.PromptTokens);
        UnsupportedModelException refused = Assert.Throws<UnsupportedModelException>(
            () => Create(settings with { PythonTools = [], MayCode = true }));
        Assert.Contains("</code>", refused.Message);

        RequestPlan Create(RequestSettings asked) =>
            RequestPlan.Create([Prompts.User("Go")], asked, model, today, CancellationToken.None);
    }
}
