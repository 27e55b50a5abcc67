using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using CallContent = Microsoft.Extensions.AI.FunctionCallContent;

namespace SmolLM3.Extensions.SemanticKernel.Tests;

public class BrokenCallsTests
{
    [Fact]
    public async Task A_streamed_call_that_must_not_be_run_is_not_run_by_a_loop_of_the_callers_own()
    {
        ScriptedClient client = new([new CallContent(
            "1", "Weather_GetWeather", new Dictionary<string, object?> { ["city"] = "12" })
        {
            Exception = new JsonException("violates the schema"),
            InformationalOnly = true,
        }]);
        WeatherPlugin weather = new();
        IKernelBuilder kernels = Kernel.CreateBuilder().AddSmolLM3ChatCompletion(client);
        kernels.Plugins.AddFromObject(weather, "Weather");
        Kernel kernel = kernels.Build();
        SmolLM3PromptExecutionSettings settings =
            new() { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(autoInvoke: false) };
        FunctionCallContentBuilder builder = new();
        await foreach (var update in kernel.GetRequiredService<IChatCompletionService>()
            .GetStreamingChatMessageContentsAsync(new("Be brief."), settings, kernel))
        {
            builder.Append(update);
        }

        var call = Assert.Single(builder.Build());
        await Assert.ThrowsAsync<KernelException>(() => call.InvokeAsync(kernel));
        Assert.Empty(weather.Cities);
    }

    [Fact]
    public void A_type_as_response_format_of_other_settings_is_its_schema()
    {
        SmolLM3PromptExecutionSettings settings = SmolLM3PromptExecutionSettings.FromExecutionSettings(
            new OtherSettings { ResponseFormat = typeof(Place) });
        var format = Assert.IsType<ChatResponseFormatJson>(settings.ToChatOptions(null).ResponseFormat);
        Assert.Contains("\"city\"", format.Schema!.Value.GetRawText());
    }

    [Fact]
    public void A_format_of_the_framework_in_other_settings_is_itself()
    {
        Assert.Null(Assert.IsType<ChatResponseFormatJson>(Map(ChatResponseFormat.Json)).Schema);
        Assert.IsType<ChatResponseFormatText>(Map(ChatResponseFormat.Text));
        var format = Assert.IsType<ChatResponseFormatJson>(Map(ChatResponseFormat.ForJsonSchema<Place>()));
        Assert.Contains("\"city\"", format.Schema!.Value.GetRawText());
        ArgumentException error = Assert.Throws<ArgumentException>(() => Map(new object()));
        Assert.Contains("no members", error.Message, StringComparison.Ordinal);
    }

    private static ChatResponseFormat? Map(object format) => SmolLM3PromptExecutionSettings
        .FromExecutionSettings(new OtherSettings { ResponseFormat = format }).ToChatOptions(null).ResponseFormat;

    private sealed class OtherSettings : PromptExecutionSettings
    {
        [JsonPropertyName("response_format")]
        public object? ResponseFormat { get; set; }
    }

    private sealed record Place(string City);
}
