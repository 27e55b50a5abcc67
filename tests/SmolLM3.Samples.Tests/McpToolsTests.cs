using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Client;

namespace SmolLM3.Samples.Tests;

/// <summary>Tools of a real MCP server, over its standard input and output.</summary>
public sealed class McpToolsTests(TinyAgents agents) : IClassFixture<TinyAgents>
{
    [Theory]
    [InlineData("What is the weather in Lisbon?", @"GetWeather\(Lisbon\)", "21")]
    [InlineData("What time is it in Rome?", @"GetTime\(Rome\)", "12:30")]
    public async Task The_sample_starts_its_server_and_answers_from_what_it_said(
        string question, string call, string answer)
    {
        string output = await Sample.RunAsync("McpTools", [question]);
        Assert.Matches("(?m)^The server offers .*GetWeather", output);
        Assert.Matches($"(?s)\\[call\\] +{call}.*\\[result\\] .*{answer}.*\\[answer\\] .*{answer}", output);
    }

    [Fact]
    public async Task Its_tools_serve_an_agent_in_a_session()
    {
        await using McpClient server = await StartAsync();
        AIAgent agent = agents.Make([.. await server.ListToolsAsync()]);
        AgentSession session = await agent.CreateSessionAsync();
        Assert.Contains("19", (await agent.RunAsync("What is the weather in Oslo?", session)).Text);
        Assert.Contains("12:30", (await agent.RunAsync("What time is it in Rome?", session)).Text);
    }

    [Fact]
    public async Task A_tool_that_fails_is_told_to_the_model()
    {
        await using McpClient server = await StartAsync();
        ChatOptions options = new() { Tools = [.. await server.ListToolsAsync()], Temperature = 0, MaxOutputTokens = 200 };
        IChatClient client = agents.Client.AsBuilder().UseFunctionInvocation().Build();
        ChatMessage[] question = [new(ChatRole.User, "Where is my order A7?")];
        ChatResponse response = await client.GetResponseAsync(question, options);

        FunctionCallContent call = response.Messages[0].Contents.OfType<FunctionCallContent>().First();
        Assert.Equal("TrackOrder", call.Name);
        FunctionResultContent result = response.Messages[1].Contents.OfType<FunctionResultContent>().First();
        Assert.Contains("There is no order", result.Result!.ToString());
        Assert.Equal(ChatRole.Assistant, response.Messages[^1].Role);
        Assert.NotEmpty(response.Text);
    }

    [Theory]
    [InlineData("東京 🗼")]
    [InlineData("القاهرة")]
    [InlineData("Санкт-Петербург")]
    public async Task No_character_is_lost_on_the_way_there_and_back(string city)
    {
        await using McpClient server = await StartAsync();
        McpClientTool weather = (await server.ListToolsAsync()).Single(tool => tool.Name == "GetWeather");
        object? result = await weather.InvokeAsync(new() { ["city"] = city });
        Assert.Equal($"Sunny in {city}, {15 + (city.Length % 10)} degrees", Assert.IsType<TextContent>(result).Text);
    }

    private static Task<McpClient> StartAsync() => McpClient.CreateAsync(new StdioClientTransport(new()
    {
        Name = "cities",
        Command = "dotnet",
        Arguments = [Path.Combine(AppContext.BaseDirectory, "McpServer.dll")],
    }));
}
