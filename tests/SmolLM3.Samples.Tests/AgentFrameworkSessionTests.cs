using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace SmolLM3.Samples.Tests;

/// <summary>Sessions and streams of Microsoft Agent Framework, on real weights.</summary>
public sealed class AgentFrameworkSessionTests(TinyAgents agents) : IClassFixture<TinyAgents>
{
    [Fact]
    public async Task Sessions_side_by_side_keep_to_themselves()
    {
        AIAgent agent = agents.Make();
        string[] names = ["Laura", "Peter", "Anna"];
        string[] answers = await Task.WhenAll(names.Select(async name =>
        {
            AgentSession session = await agent.CreateSessionAsync();
            await agent.RunAsync($"Hello, I am {name}.", session);
            return (await agent.RunAsync("What is my name?", session)).Text;
        }));
        Assert.All(names.Zip(answers), pair => Assert.Contains(pair.First, pair.Second));
    }

    [Fact]
    public async Task A_streamed_run_goes_on_in_its_session_and_has_all_counts()
    {
        AIAgent agent = agents.Make();
        AgentSession session = await agent.CreateSessionAsync();
        ChatClientAgentRunOptions thinking = new(new() { Reasoning = new() { Effort = ReasoningEffort.Low } });
        await agent.RunStreamingAsync("Hello, I am Laura.", session, thinking).ToListAsync();
        List<AgentResponseUpdate> updates =
            await agent.RunStreamingAsync("What is my name?", session, thinking).ToListAsync();
        AgentResponse response = updates.ToAgentResponse();

        Assert.Contains("Laura", response.Text);
        Assert.Single(updates.SelectMany(update => update.Contents).OfType<UsageContent>());
        UsageDetails usage = response.Usage!;
        Assert.True(usage.CachedInputTokenCount > 0);
        Assert.True(usage.ReasoningTokenCount > 0);
        Assert.Equal(
            (usage.CachedInputTokenCount, usage.ReasoningTokenCount),
            (usage.AdditionalCounts!["InputTokenDetails.CachedTokenCount"],
                usage.AdditionalCounts["OutputTokenDetails.ReasoningTokenCount"]));
    }
}
