using System.Text.Json;
using Microsoft.Agents.AI;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;

namespace SmolLM3.Samples.Tests;

/// <summary>The client under Microsoft Agent Framework, on real weights.</summary>
public sealed class AgentFrameworkTests(TinyAgents agents) : IClassFixture<TinyAgents>
{
    private const string CachedTokens = "InputTokenDetails.CachedTokenCount";
    private const string ReasoningTokens = "OutputTokenDetails.ReasoningTokenCount";

    private static AIFunction Weather { get; } = AIFunctionFactory.Create(
        (string city) => $"Sunny, {15 + city.Length} degrees", "GetWeather", "Gets the weather of a city.");

    private static AIFunction Clock { get; } = AIFunctionFactory.Create(
        (string city) => $"{8 + city.Length}:30", "GetTime", "Gets the current time in a city.");

    [Fact]
    public async Task A_tool_loop_streams_what_it_answers_at_once()
    {
        AIAgent agent = agents.Make(Weather);
        AgentResponse whole = await agent.RunAsync("What is the weather in Lisbon?");
        List<AgentResponseUpdate> updates =
            await agent.RunStreamingAsync("What is the weather in Lisbon?").ToListAsync();

        Assert.Contains("21", whole.Text);
        Assert.Equal(whole.Text, string.Concat(updates.Select(update => update.Text)));
        Assert.True(updates.Count(update => update.Text.Length > 0) > 1, "The answer came in one piece.");
        Assert.Equal(ChatFinishReason.Stop, whole.FinishReason);
        Assert.Equal(
            [ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant], whole.Messages.Select(message => message.Role));
        Assert.All(updates, update => Assert.Equal("Helper", update.AuthorName));
    }

    [Fact]
    public async Task Its_hosting_finds_the_cached_and_the_thought_tokens_where_it_reads_them()
    {
        AIAgent agent = agents.Make(Weather);
        ChatClientAgentRunOptions thinking = new(new() { Reasoning = new() { Effort = ReasoningEffort.Low } });
        AgentResponse response = await agent.RunAsync("What is the weather in Oslo?", options: thinking);
        UsageDetails usage = response.Usage!;

        // Both are sums over the rounds of the loop; the second round knows the first one's prompt.
        Assert.True(usage.CachedInputTokenCount > 0);
        Assert.True(usage.ReasoningTokenCount > 0);
        Assert.Equal(usage.CachedInputTokenCount, usage.AdditionalCounts![CachedTokens]);
        Assert.Equal(usage.ReasoningTokenCount, usage.AdditionalCounts[ReasoningTokens]);
        Assert.Equal(usage.InputTokenCount + usage.OutputTokenCount, usage.TotalTokenCount);
        Assert.NotEmpty(response.Messages.SelectMany(message => message.Contents).OfType<TextReasoningContent>());
    }

    [Fact]
    public async Task A_session_goes_on_after_it_was_stored_and_others_know_nothing_of_it()
    {
        AIAgent agent = agents.Make();
        AgentSession session = await agent.CreateSessionAsync();
        await agent.RunAsync("Hello, I am Laura.", session);
        JsonElement stored = await agent.SerializeSessionAsync(session);
        AgentSession restored = await agent.DeserializeSessionAsync(JsonElement.Parse(stored.GetRawText()));

        AgentResponse response = await agent.RunAsync("What is my name?", restored);
        Assert.Contains("Laura", response.Text);
        Assert.True(response.Usage!.CachedInputTokenCount > 0);
        AgentSession other = await agent.CreateSessionAsync();
        Assert.DoesNotContain("Laura", (await agent.RunAsync("What is my name?", other)).Text);
    }

    [Fact]
    public async Task A_typed_answer_holds_to_its_type_after_a_tool_was_called()
    {
        AgentResponse<Report> response =
            await agents.Make(Weather).RunAsync<Report>("What is the weather in Lisbon?");
        Assert.True(Enum.IsDefined(response.Result.Sky));
        Assert.InRange(response.Result.City.Length, 0, 20);
    }

    [Theory]
    [InlineData("What is the weather in Oslo?", "Weather", "19")]
    [InlineData("What time is it in Rome?", "Clock", "12:30")]
    public async Task Agents_hand_over_to_the_one_who_can(string question, string expected, string answer)
    {
        AIAgent desk = agents.Make("Desk"), weather = agents.Make("Weather", Weather), clock = agents.Make("Clock", Clock);
        AIAgent team = AgentWorkflowBuilder.CreateHandoffBuilderWith(desk)
            .WithHandoff(desk, weather, "Gets the weather of a city.")
            .WithHandoff(desk, clock, "Gets the local time of a city.")
            .Build()
            .AsAIAgent(name: "Team");
        AgentResponse response = await team.RunAsync(question);

        Assert.Equal(expected, response.Messages[^1].AuthorName);
        Assert.Contains(answer, response.Messages[^1].Text);
        FunctionCallContent[] calls =
            [.. response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>()];
        Assert.Equal(2, calls.Length);
        Assert.StartsWith("handoff_to_", calls[0].Name);
    }

    [Fact]
    public async Task An_agent_is_a_tool_of_another()
    {
        AIFunction inner = agents.Make("Forecaster", Weather).AsAIFunction(new()
        {
            Name = "GetWeather", Description = "Gets the weather of a city.",
        });
        AgentResponse response = await agents.Make(inner).RunAsync("What is the weather in Lisbon?");
        FunctionCallContent call = Assert.Single(
            response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>());
        Assert.Equal("GetWeather", call.Name);
        Assert.NotEmpty(response.Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_agent_runs_on_nothing_and_on_several_messages(bool isStreaming)
    {
        AIAgent agent = agents.Make();
        ChatMessage[][] inputs = [[], [new(ChatRole.User, "Hello."), new(ChatRole.User, "What is 3 + 4?")]];
        foreach (ChatMessage[] input in inputs)
        {
            AgentSession session = await agent.CreateSessionAsync();
            AgentResponse response = isStreaming
                ? await agent.RunStreamingAsync(input, session).ToAgentResponseAsync()
                : await agent.RunAsync(input, session);
            Assert.Single(response.Messages);
            Assert.Equal(agent.Id, response.AgentId);
            Assert.Contains(input.Length > 0 ? "7" : "", response.Text);
        }
    }

    [Fact]
    public async Task A_type_known_at_run_time_only_is_one_message_of_that_type()
    {
        ChatClientAgentRunOptions form = new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(typeof(Report)) };
        AgentResponse response = await agents.Make().RunAsync("What is the weather in Lisbon?", options: form);

        Assert.Single(response.Messages);
        Assert.InRange(
            JsonSerializer.Deserialize<Report>(response.Text, AIJsonUtilities.DefaultOptions)!.City.Length, 0, 20);
    }

    [Fact]
    public async Task A_cancelled_run_throws()
    {
        using CancellationTokenSource cancellation = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (AgentResponseUpdate _ in agents.Make()
                .RunStreamingAsync("Who are you?", cancellationToken: cancellation.Token))
            {
                await cancellation.CancelAsync();
            }
        });
    }

    private enum Sky
    {
        Sunny,
        Rainy,
    }

    private sealed record Report(
        [property: System.ComponentModel.DataAnnotations.MaxLength(20)] string City, Sky Sky);
}
