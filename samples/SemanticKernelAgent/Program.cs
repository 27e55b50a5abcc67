using System.ComponentModel;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.Agents;
using Microsoft.SemanticKernel.ChatCompletion;
using SmolLM3.Extensions.SemanticKernel;
using SmolLM3.TinyModel;

// Semantic Kernel's ChatCompletionAgent: a thread that remembers, then a plugin, streaming.
//   dotnet run --project samples/SemanticKernelAgent                             (the tiny model, nothing to download)
//   dotnet run --project samples/SemanticKernelAgent -- SmolLM3-Q4_K_M.gguf      (the real one)
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
Kernel kernel = builder.Build();
ChatCompletionAgent friend = MakeAgent("Friend", kernel);
AgentThread thread = new ChatHistoryAgentThread();
foreach (string said in new[] { "Hello, I am Laura.", "What is my name?" })
{
    await foreach (AgentResponseItem<ChatMessageContent> answer in friend.InvokeAsync(Say(said), thread))
    {
        Console.WriteLine($"{answer.Message.AuthorName}: {answer.Message.Content}");
    }
}

Kernel withPlugin = kernel.Clone();
withPlugin.Plugins.AddFromType<Weather>();
ChatCompletionAgent guide = MakeAgent("Guide", withPlugin);
Console.Write("Guide: ");
await foreach (AgentResponseItem<StreamingChatMessageContent> update in
    guide.InvokeStreamingAsync(Say("What is the weather in Lisbon?")))
{
    Console.Write(update.Message.Content);
}

Console.WriteLine();

ChatCompletionAgent MakeAgent(string name, Kernel of) => new()
{
    Name = name,
    Instructions = "You are a helpful assistant.",
    Kernel = of,
    Arguments = new(new SmolLM3PromptExecutionSettings
    {
        FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(),

        // Drawn at random, the tiny model's tokens go wrong now and then.
        Temperature = model is null ? 0 : null,
    }),
};

static ChatMessageContent Say(string text) => new(AuthorRole.User, text);

internal sealed class Weather
{
    [KernelFunction, Description("Gets the weather of a city.")]
    public static string GetWeather([Description("The city.")] string city) => $"Sunny, {15 + (city.Length % 10)} degrees";
}
