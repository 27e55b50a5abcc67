using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using TextContent = Microsoft.Extensions.AI.TextContent;

namespace SmolLM3.Extensions.SemanticKernel.Tests;

/// <summary>Prompt templates choose service and settings by what stands in them.</summary>
public class PromptTemplateTests
{
    private readonly ScriptedClient _first = new([new TextContent("first")]);
    private readonly ScriptedClient _second = new([new TextReasoningContent("Hm."), new TextContent("second")]);

    [Fact]
    public async Task By_service_id()
    {
        Kernel kernel = Kernel.CreateBuilder()
            .AddSmolLM3ChatCompletion(_second, "two").AddSmolLM3ChatCompletion(_first, "one").Build();
        FunctionResult result = await InvokeAsync(
            kernel, """{ "two": { "temperature": 0.1, "reasoning_effort": "none", "thinking_budget": 12 } }""");
        Assert.Equal("second", result.GetValue<string>());
        Assert.Equal("length", result.Metadata!["FinishReason"]);
        Assert.Equal("Greet Anna.", Assert.Single(_second.Conversations[0]).Text);
        ChatOptions options = Assert.Single(_second.Options);
        Assert.Equal(0.1f, options.Temperature);
        Assert.Equal(ReasoningEffort.None, options.Reasoning!.Effort);
        Assert.Equal(12, options.AdditionalProperties!["thinking_budget"]);
        Assert.Empty(_first.Options);
    }

    [Fact]
    public async Task By_model_id()
    {
        Kernel kernel = Kernel.CreateBuilder()
            .AddSmolLM3ChatCompletion(_first, "one")
            .AddSmolLM3ChatCompletion(options => options.Model = "/models/big.gguf", "two").Build();
        FunctionResult result = await InvokeAsync(
            kernel,
            """
            {
              "elsewhere": { "model_id": "gpt", "temperature": 1 },
              "here": { "model_id": "scripted", "min_p": 0.2 }
            }
            """);
        Assert.Equal("first", result.GetValue<string>());
        Assert.Equal(0.2f, _first.Options[0].AdditionalProperties!["min_p"]);
        Assert.Null(_first.Options[0].Temperature);
    }

    [Fact]
    public async Task In_a_stream_the_text_has_no_thought()
    {
        Kernel kernel = Kernel.CreateBuilder().AddSmolLM3ChatCompletion(_second).Build();
        string text = string.Concat(await kernel.InvokePromptStreamingAsync<string>("Hi").ToListAsync());
        Assert.Equal("second", text);
    }

    private static Task<FunctionResult> InvokeAsync(Kernel kernel, string settings) => kernel.InvokeAsync(
        KernelFunctionFactory.CreateFromPrompt(PromptTemplateConfig.FromJson(
            $$$"""
            { "name": "greet", "template": "Greet {{$name}}.", "input_variables": [{ "name": "name" }],
              "execution_settings": {{{settings}}} }
            """)),
        new() { ["name"] = "Anna" });
}
