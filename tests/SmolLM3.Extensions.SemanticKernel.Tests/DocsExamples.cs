using System.ComponentModel;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using SmolLM3.TinyModel;

namespace SmolLM3.Extensions.SemanticKernel.Tests;

/// <summary>The examples of docs/semantic-kernel.md. What stands between the marks is shown there.</summary>
internal static class DocsExamples
{
    public static async Task<string> PluginsAsync()
    {
        // begin Plugins
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.AddSmolLM3ChatCompletion(options => options.UseTinyModel());
        builder.Plugins.AddFromType<Weather>();
        Kernel kernel = builder.Build();

        var settings = new SmolLM3PromptExecutionSettings
        {
            FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(),
            ReasoningEffort = ReasoningEffort.Low,
            Temperature = 0,
        };
        var answer = await kernel.InvokePromptAsync<ChatMessageContent>(
            "What is the weather in Lisbon?", new(settings));

        string text = answer!.Content!;
        var usage = (UsageDetails)answer.Metadata!["Usage"]!;
        var reason = (string)answer.Metadata["FinishReason"]!; // stop, length or tool_calls
        // end
        return $"{text} ({reason}, {usage.OutputTokenCount})";
    }

    public static async Task<string> TemplateAsync(Kernel kernel)
    {
        // begin Template
        KernelFunction greet = KernelFunctionFactory.CreateFromPrompt(PromptTemplateConfig.FromJson(
            """
            {
              "template": "Greet {{$name}}.",
              "input_variables": [{ "name": "name" }],
              "execution_settings": {
                "local": { "temperature": 0, "reasoning_effort": "none", "min_p": 0.05 },
                "default": { "temperature": 0.7 }
              }
            }
            """));
        FunctionResult result = await kernel.InvokeAsync(greet, new() { ["name"] = "Anna" });
        // end
        return result.GetValue<string>()!;
    }

    public static async Task<string> CompletionAsync()
    {
        // begin Completion
        Kernel kernel = Kernel.CreateBuilder()
            .AddSmolLM3TextGeneration(options => options.UseTinyModel(), "base").Build();
        var settings = new SmolLM3PromptExecutionSettings { ServiceId = "base", Temperature = 0, MaxTokens = 20 };
        string text = (await kernel.InvokePromptAsync<string>("The weather in Lisbon is", new(settings)))!;
        // end
        return text;
    }

    internal sealed class Weather
    {
        [KernelFunction, Description("Gets the weather of a city.")]
        public static string GetWeather(string city) => $"Sunny, 24 degrees in {city}";
    }
}
