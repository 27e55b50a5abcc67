using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using SmolLM3.Cli.Chat;

namespace SmolLM3.Cli.Tests.Chat;

/// <summary>What lines do, over a model that says what it is told.</summary>
public sealed class ChatLoopTests
{
    private readonly StringWriter _output = new() { NewLine = "\n" };
    private readonly StringWriter _error = new() { NewLine = "\n" };
    private readonly AnswerStop _stop = new();
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Answers_go_out_and_everything_else_goes_beside()
    {
        FakeChatClient client = new(
            [new TextReasoningContent("Hm."), new TextContent("Good "), new TextContent("day.")], [new TextContent("Bye.")]);
        await Run(client, "Hello", "", "  See you  ");

        Assert.Equal("Good day.\nBye.\n", _output.ToString());
        Assert.Equal("Hm.\n", _error.ToString());
        Assert.Equal(["Hello", "Good day.", "See you"], client.Requests[1].Messages.Select(message => message.Text));
        Assert.Equal(
            [ChatRole.User, ChatRole.Assistant, ChatRole.User], client.Requests[1].Messages.Select(message => message.Role));
    }

    [Fact]
    public async Task Commands_change_how_the_next_message_is_asked()
    {
        FakeChatClient client = new(Said("1"), Said("2"), Said("3"), Said("4"));
        await Run(client, "a", "/think", "/tools", "b", "/no_think", "/tools", "c", "/new", "//think d", "/quit", "never");

        Assert.Equal(
            [null, ReasoningEffort.Medium, ReasoningEffort.None, ReasoningEffort.None],
            client.Requests.Select(request => request.Options.Reasoning?.Effort));
        Assert.Equal([false, true, false, false], client.Requests.Select(request => request.Options.Tools is { Count: > 0 }));
        Assert.Equal([1, 3, 5, 1], client.Requests.Select(request => request.Messages.Length));
        Assert.Equal("/think d", client.Requests[3].Messages[0].Text);
    }

    [Fact]
    public async Task Stopping_ends_the_answer_not_the_chat_and_keeps_what_was_said()
    {
        FakeChatClient client = new([new TextContent("One, "), new TextContent("two, "), new TextContent("three")], Said("Yes."));
        client.Said = () =>
        {
            if (_output.ToString() == "One, ")
            {
                Assert.True(_stop.TryStop());
                Assert.False(_stop.TryStop());
            }
        };
        await Run(client, "Count", "Go on?");

        Assert.Equal("One, \nYes.\n", _output.ToString());
        Assert.Equal("(stopped)\n", _error.ToString());
        Assert.Equal(["Count", "One, ", "Go on?"], client.Requests[1].Messages.Select(message => message.Text));
        Assert.False(_stop.TryStop());
    }

    [Fact]
    public async Task A_conversation_is_saved_and_goes_on_elsewhere()
    {
        using TemporaryFolder folder = new();
        string path = folder["a chat.json"];
        await Run(new FakeChatClient([new TextReasoningContent("Hm."), new TextContent("你好 👋🏽")]), "مرحبا", $"/save {path}");
        FakeChatClient client = new(Said("Да."));
        await Run(client, $"/load {path}", "/thought", "Further?");

        Assert.Equal(["مرحبا", "你好 👋🏽", "Further?"], client.Requests[0].Messages.Select(message => message.Text));
        Assert.Equal("Hm.\n2 messages saved.\n2 messages loaded.\nHm.\n", _error.ToString());
    }

    [Fact]
    public async Task Statistics_tell_tokens_and_times()
    {
        UsageDetails usage = new()
        {
            InputTokenCount = 2000, CachedInputTokenCount = 1990, OutputTokenCount = 40, ReasoningTokenCount = 7,
        };
        FakeChatClient client = new([new TextContent("Hi"), new UsageContent(usage)]);
        client.Said = () => _time.Advance(TimeSpan.FromSeconds(1));
        await Run(client, "/stats", "Hello", "/stats");

        Assert.Contains("No answer yet; the context holds 4,096 tokens.", _error.ToString());
        Assert.Contains("40 tokens, 7 of them thought; 2,000 read, 1,990 of them known already.", _error.ToString());
        Assert.Contains("First token after 0.00 s, all after 2.00 s: 20.0 tokens a second.", _error.ToString());
    }

    [Fact]
    public async Task Calls_and_their_results_are_told()
    {
        await Run(
            new FakeChatClient(
            [
                new FunctionCallContent("1", "get_time", new Dictionary<string, object?> { ["city"] = "Rome" }),
                new FunctionResultContent("1", "12:30"), new TextContent("Half past twelve."),
            ]),
            "Time?");
        Assert.Equal("→ get_time(city: Rome)\n← 12:30\n", _error.ToString());
        Assert.Equal("Half past twelve.\n", _output.ToString());
    }

    [Theory]
    [InlineData("/thinking")]
    [InlineData("/save")]
    [InlineData("/load nowhere.json")]
    [InlineData("/fold")]
    public async Task A_mistake_is_told_and_one_may_try_again_where_somebody_is_there(string mistake)
    {
        FakeChatClient client = new(Said("Yes."));
        await Run(client, isInteractive: true, mistake, "There?");
        Assert.StartsWith("smollm3: ", _error.ToString());
        Assert.Equal("Yes.\n", _output.ToString());
        await Assert.ThrowsAnyAsync<Exception>(() => Run(client, mistake, "There?"));
        Assert.Single(client.Requests);
    }

    [Fact]
    public async Task A_question_that_failed_is_taken_back()
    {
        FakeChatClient client = new(Said("Yes.")) { Failure = new ArgumentException("Too long.") };
        await Run(client, isInteractive: true, "A very long one", "A short one");
        Assert.Equal("smollm3: Too long.\n", _error.ToString());
        Assert.Equal("A short one", Assert.Single(client.Requests[1].Messages).Text);
    }

    private static AIContent[] Said(string text) => [new TextContent(text)];

    private Task Run(FakeChatClient client, params string[] lines) => Run(client, isInteractive: false, lines);

    private Task Run(FakeChatClient client, bool isInteractive, params string[] lines)
    {
        ChatStatistics statistics = new(_time);
        ChatLoop loop = new(
            new Conversation(client, new ChatOptions(), statistics), statistics, new PipeView(_output, _error),
            ChatTools.Create(_time), _stop, () => 4096);
        Queue<string> input = new(lines);
        return loop.RunAsync(
            _ => ValueTask.FromResult(input.TryDequeue(out string? line) ? line : null), isInteractive, CancellationToken.None);
    }
}
