using System.ComponentModel;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using SmolLM3.Extensions.SemanticKernel;
using SmolLM3.TinyModel;

// A kernel with a plugin, whose functions the model may choose.
//   dotnet run --project samples/SemanticKernelPlugins                             (the tiny model, nothing to download)
//   dotnet run --project samples/SemanticKernelPlugins -- SmolLM3-Q4_K_M.gguf      (the real one)
string? model = args.FirstOrDefault();
IKernelBuilder builder = Kernel.CreateBuilder().AddSmolLM3ChatCompletion(options =>
{
    if (model is null)
    {
        options.UseTinyModel();
    }
    else
    {
        options.Model = model;
    }
});
builder.Plugins.AddFromType<Weather>();
Kernel kernel = builder.Build();

var settings = new SmolLM3PromptExecutionSettings
{
    FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(),
    ReasoningEffort = ReasoningEffort.Low,

    // Drawn at random, the tiny model's tokens go wrong now and then.
    Temperature = model is null ? 0 : null,
};
const string question = "What is the weather in Lisbon?";
Console.Write($"> {question}");
string part = "";
await foreach (var update in kernel.InvokePromptStreamingAsync<StreamingChatMessageContent>(question, new(settings)))
{
    foreach (StreamingKernelContent item in update.Items)
    {
        switch (item)
        {
            case StreamingReasoningContent thought:
                Write("thought", thought.Text);
                break;
            case StreamingFunctionCallUpdateContent call:
                Write("call", $"{call.Name} {call.Arguments}");
                break;
            case StreamingTextContent text:
                Write("answer", text.Text ?? "");
                break;
        }
    }

    if (update.Metadata?.GetValueOrDefault("FinishReason") is string reason)
    {
        Write("end", reason);
    }
}

Console.WriteLine();

void Write(string next, string text)
{
    Console.Write(part == next ? text : $"\n{$"[{next}]",-10} {text}");
    part = next;
}

internal sealed class Weather
{
    [KernelFunction, Description("Gets the weather of a city.")]
    public static string GetWeather([Description("The city.")] string city) => $"Sunny, {15 + (city.Length % 10)} degrees";
}
