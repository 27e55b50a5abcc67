using System.ComponentModel;
using Microsoft.Extensions.AI;
using SmolLM3.Extensions;
using SmolLM3.TinyModel;

// Functions in C# that the model calls: when it wants to, because it must, and after a person said yes.
//   dotnet run --project samples/FunctionCalling                             (the tiny model, nothing to download)
//   dotnet run --project samples/FunctionCalling -- SmolLM3-Q4_K_M.gguf      (the real one)
SmolLM3Options options = args is [string path]
    ? new() { Model = path }
    : new SmolLM3Options { Temperature = 0 }.UseTinyModel(); // Drawn at random, its tokens go wrong now and then.

using IChatClient client = new SmolLM3ChatClient(options).AsBuilder().UseFunctionInvocation().Build();
AIFunction getWeather = AIFunctionFactory.Create(GetWeather, "GetWeather", "Gets the weather of a city.");
AIFunction getTime = AIFunctionFactory.Create(GetTime, "GetTime", "Gets the current time in a city.");

Console.WriteLine("== It chooses ==");
foreach (string question in new[] { "What is the weather in Lisbon?", "What time is it in Rome?", "Who are you?" })
{
    Show(await client.GetResponseAsync(question, new() { Tools = [getWeather, getTime] }));
}

Console.WriteLine("== It must ==");
Show(await client.GetResponseAsync("What is the weather in Rome?", new()
{
    Tools = [getWeather, getTime],
    ToolMode = ChatToolMode.RequireSpecific("GetTime"),
}));

Console.WriteLine("== It asks first ==");
ChatOptions asking = new() { Tools = [new ApprovalRequiredAIFunction(getWeather)] };
List<ChatMessage> conversation = [new(ChatRole.User, "What is the weather in Oslo?")];
ChatResponse response = await client.GetResponseAsync(conversation, asking);
conversation.AddMessages(response);
foreach (var request in response.Messages.SelectMany(m => m.Contents).OfType<ToolApprovalRequestContent>())
{
    // Here a person would be asked.
    Console.WriteLine($"[asks]   {((FunctionCallContent)request.ToolCall).Name}: granted");
    conversation.Add(new(ChatRole.User, [request.CreateResponse(approved: true)]));
}

Show(await client.GetResponseAsync(conversation, asking));

static void Show(ChatResponse response)
{
    foreach (AIContent content in response.Messages.SelectMany(message => message.Contents))
    {
        Console.WriteLine(content switch
        {
            FunctionCallContent call => $"[call]   {call.Name}({string.Join(", ", call.Arguments?.Values ?? [])})",
            FunctionResultContent result => $"[result] {result.Result}",
            _ => $"[answer] {content}",
        });
    }
}

static string GetWeather([Description("The city.")] string city) => $"Sunny, {15 + (city.Length % 10)} degrees";

static string GetTime([Description("The city.")] string city) => $"{8 + (city.Length % 10)}:30";
