using System.ComponentModel;
using System.Text.Json;
using Microsoft.Agents.AI;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;
using SmolLM3.Extensions;
using SmolLM3.TinyModel;

// Microsoft Agent Framework on SmolLM3: tools, a session, streaming, a typed answer, and agents that hand over.
//   dotnet run --project samples/AgentFramework                                (the tiny model, nothing to download)
//   dotnet run --project samples/AgentFramework -- SmolLM3-Q4_K_M.gguf         (the real one)
var options = new SmolLM3Options();
if (args is [string path])
{
    options.Model = path;
}
else
{
    options.UseTinyModel();
}

using var client = new SmolLM3ChatClient(options);
AITool getWeather = AIFunctionFactory.Create(GetWeather, "GetWeather", "Gets the weather of a city.");
AITool getTime = AIFunctionFactory.Create(GetTime, "GetTime", "Gets the current time in a city.");

Console.WriteLine("== An agent with a tool, streaming ==");
AIAgent weather = MakeAgent("Weather", "Tells the weather of a city.", getWeather);
await foreach (AgentResponseUpdate update in weather.RunStreamingAsync("What is the weather in Lisbon?"))
{
    Console.Write(update.Text);
}

Console.WriteLine();

Console.WriteLine("== A session remembers; it is stored as JSON and goes on ==");
AIAgent friend = MakeAgent("Friend", "Talks.");
AgentSession session = await friend.CreateSessionAsync();
Console.WriteLine((await friend.RunAsync("Hello, I am Laura.", session)).Text);
JsonElement stored = await friend.SerializeSessionAsync(session);
session = await friend.DeserializeSessionAsync(stored);
AgentResponse second = await friend.RunAsync("What is my name?", session);
Console.WriteLine(second.Text);
UsageDetails usage = second.Usage!;
Console.WriteLine($"({usage.InputTokenCount} tokens read, of which {usage.CachedInputTokenCount} were known already)");

Console.WriteLine("== A typed answer ==");
AgentResponse<Verdict> typed = await friend.RunAsync<Verdict>("Is the sky blue?");
Console.WriteLine(typed.Result);

Console.WriteLine("== Agents that hand over ==");
AIAgent desk = MakeAgent("Desk", "Finds who can help.");
AIAgent clock = MakeAgent("Clock", "Tells the time of a city.", getTime);
AIAgent team = AgentWorkflowBuilder.CreateHandoffBuilderWith(desk)
    .WithHandoff(desk, weather, "Gets the weather of a city.")
    .WithHandoff(desk, clock, "Gets the local time of a city.")
    .Build()
    .AsAIAgent(name: "Team");
foreach (string question in new[] { "What is the weather in Oslo?", "What time is it in Rome?" })
{
    Console.WriteLine($"> {question}");
    string? author = null;
    await foreach (AgentResponseUpdate update in team.RunStreamingAsync(question))
    {
        if (update.Text.Length > 0)
        {
            Console.Write(update.AuthorName == author ? update.Text : $"{update.AuthorName}: {update.Text}");
            author = update.AuthorName;
        }
    }

    Console.WriteLine();
}

AIAgent MakeAgent(string name, string description, params AITool[] tools) =>
    client.AsAIAgent(new ChatClientAgentOptions
    {
        Id = name,
        Name = name,
        Description = description,
        ChatOptions = new()
        {
            Instructions = "You are a helpful assistant.",
            Tools = tools,

            // Drawn at random, the tiny model's tokens go wrong now and then.
            Temperature = args is [] ? 0 : null,
        },
    });

static string GetWeather([Description("The city.")] string city) => $"Sunny, {15 + (city.Length % 10)} degrees";

static string GetTime([Description("The city.")] string city) => $"{8 + city.Length}:30";

internal sealed record Verdict(bool Answer, Certainty Certainty);

internal enum Certainty
{
    Low,
    High,
}
