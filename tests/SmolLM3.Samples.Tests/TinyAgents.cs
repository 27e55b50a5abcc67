using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using SmolLM3.Extensions;
using SmolLM3.TinyModel;

namespace SmolLM3.Samples.Tests;

/// <summary>One client on the tiny model, and agents over it that take the likeliest token each time.</summary>
public sealed class TinyAgents : IDisposable
{
    public SmolLM3ChatClient Client { get; } = new(new SmolLM3Options().UseTinyModel());

    public AIAgent Make(params AITool[] tools) => Make("Helper", tools);

    public AIAgent Make(string name, params AITool[] tools) => Client.AsAIAgent(new ChatClientAgentOptions
    {
        Id = name,
        Name = name,
        ChatOptions = new()
        {
            Instructions = "You are a helpful assistant.", Tools = tools, Temperature = 0, MaxOutputTokens = 200,
        },
    });

    public void Dispose() => Client.Dispose();
}
