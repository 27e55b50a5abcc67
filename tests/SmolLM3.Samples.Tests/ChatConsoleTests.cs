namespace SmolLM3.Samples.Tests;

public sealed class ChatConsoleTests
{
    [Fact]
    public async Task It_remembers_what_was_said_and_computes_only_what_is_new()
    {
        string output = await Sample.RunAsync(
            "ChatConsole", input: "Hello, I am Laura.\nWhat is my name?\n\nNobody reads this.\n");
        Assert.Matches("(?m)^> Your name is Laura", output);
        Assert.Matches(@"(?s)of which 0 were known already.*of which [1-9]\d* were known already", output);
        Assert.Equal(3, output.Split("\n> ").Length - 1);
    }

    [Fact]
    public async Task It_ends_with_its_input()
    {
        string output = await Sample.RunAsync("ChatConsole", input: "Who are you?");
        Assert.Contains("SmolLM", output);
    }
}
