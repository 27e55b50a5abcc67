using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.TextGeneration;
using SmolLM3.TinyModel;
using TextContent = Microsoft.SemanticKernel.TextContent;

namespace SmolLM3.Extensions.SemanticKernel.Tests;

public sealed class SmolLM3TextGenerationServiceTests : IDisposable
{
    private const string Prompt = "The weather in Lisbon is";

    private readonly SmolLM3ChatClient _client = new(new SmolLM3Options().UseTinyModel());

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task A_prompt_is_continued_as_the_client_continues_it()
    {
        ChatResponse expected = await _client.GetService<ISmolLM3TextCompletion>()!.CompleteAsync(
            Prompt, new() { Temperature = 0, MaxOutputTokens = 8 }, TestContext.Current.CancellationToken);
        SmolLM3TextGenerationService service = new(_client);
        SmolLM3PromptExecutionSettings settings = new() { Temperature = 0, MaxTokens = 8 };
        TextContent text = await service.GetTextContentAsync(Prompt, settings);
        Assert.NotEqual("", text.Text);
        Assert.Equal(expected.Text, text.Text);
        Assert.Equal(expected.FinishReason!.Value.Value, text.Metadata!["FinishReason"]);
        Assert.Equal(expected.Usage!.OutputTokenCount, ((UsageDetails)text.Metadata["Usage"]!).OutputTokenCount);
        Assert.Equal(expected.ModelId, text.ModelId);

        List<StreamingTextContent> updates =
            await service.GetStreamingTextContentsAsync(Prompt, settings).ToListAsync();
        Assert.Equal(expected.Text, string.Concat(updates.Select(update => update.Text)));
        Assert.Equal(expected.FinishReason!.Value.Value, updates[^1].Metadata!["FinishReason"]);
        Assert.Equal(expected.Usage.OutputTokenCount, ((UsageDetails)updates[^1].Metadata!["Usage"]!).OutputTokenCount);
    }

    [Fact]
    public async Task Stops_and_formats_hold()
    {
        SmolLM3TextGenerationService service = new(_client);
        SmolLM3PromptExecutionSettings settings = new() { Temperature = 0, MaxTokens = 60, StopSequences = ["a"] };
        Assert.DoesNotContain("a", (await service.GetTextContentAsync(Prompt, settings)).Text!);
        settings.StopSequences = null;
        settings.ResponseFormat = """{"type":"object","properties":{"ok":{"type":"boolean"}},"required":["ok"]}""";
        Assert.StartsWith("{", (await service.GetTextContentAsync(Prompt, settings)).Text!.TrimStart());
    }

    [Fact]
    public async Task Templates_choose_it_by_service_id_and_by_model_id()
    {
        Kernel kernel = Kernel.CreateBuilder()
            .AddSmolLM3TextGeneration(_client, "base")
            .AddSmolLM3TextGeneration(options => options.Model = "/models/other.gguf", "other").Build();
        foreach (string settings in new[] { """{ "base": {""", """{ "x": { "model_id": "MODEL",""" })
        {
            string model = _client.GetService<ChatClientMetadata>()!.DefaultModelId!;
            FunctionResult result = await kernel.InvokeAsync(KernelFunctionFactory.CreateFromPrompt(
                PromptTemplateConfig.FromJson(
                    $$"""
                    { "template": "{{Prompt}}",
                      "execution_settings": {{settings.Replace("MODEL", model)}} "temperature": 0, "max_tokens": 5 } } }
                    """)));
            Assert.Equal(5L, ((UsageDetails)result.Metadata!["Usage"]!).OutputTokenCount);
            Assert.Equal("length", result.Metadata["FinishReason"]);
        }
    }

    [Fact]
    public async Task Functions_and_clients_that_only_chat_are_refused()
    {
        Kernel kernel = new();
        kernel.Plugins.AddFromObject(new WeatherPlugin(), "Weather");
        SmolLM3TextGenerationService service = new(_client);
        await Assert.ThrowsAsync<ArgumentException>(() => service.GetTextContentAsync(
            Prompt, new() { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() }, kernel));
        await Assert.ThrowsAsync<ArgumentNullException>(() => service.GetTextContentAsync(null!));
        Assert.Throws<ArgumentNullException>(() => { service.GetStreamingTextContentsAsync(null!); });
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => Kernel.CreateBuilder().AddSmolLM3TextGeneration(new ScriptedClient([])));
        Assert.Contains(nameof(ISmolLM3TextCompletion), error.Message);
        Assert.Throws<ArgumentNullException>(() => new SmolLM3TextGenerationService(null!));
        Assert.Throws<ArgumentNullException>(() => ((IKernelBuilder)null!).AddSmolLM3TextGeneration(_client));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("local")]
    public void It_leaves_the_client_that_chats_alone(string? id)
    {
        IConfiguration section = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Model"] = "/models/base.gguf" }).Build();
        Kernel kernel = Kernel.CreateBuilder()
            .AddSmolLM3ChatCompletion(options => options.UseTinyModel().ModelId = "tiny", id)
            .AddSmolLM3TextGeneration(section, id).Build();
        var client = kernel.GetRequiredService<IChatClient>(id);
        Assert.Equal("tiny", client.GetService<ChatClientMetadata>()!.DefaultModelId);
        Assert.NotNull(client.GetService<FunctionInvokingChatClient>());
        Assert.Equal("tiny", kernel.GetRequiredService<IChatCompletionService>(id).Attributes["ModelId"]);
        Assert.Equal("base", kernel.GetRequiredService<ITextGenerationService>(id).Attributes["ModelId"]);
    }
}
