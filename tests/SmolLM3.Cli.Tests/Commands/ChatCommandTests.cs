using System.Text;

namespace SmolLM3.Cli.Tests.Commands;

public sealed class ChatCommandTests
{
    [Fact]
    public async Task Through_pipes_each_line_is_answered_by_a_line_and_the_chat_remembers()
    {
        Smollm3.Result result = await Chat("Hello, I am Laura.\nWhat is my name?\n", "--temperature", "0");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        string[] answers = result.Text.TrimEnd('\n').Split('\n');
        Assert.Equal(2, answers.Length);
        Assert.Contains("Laura", answers[1]);
    }

    [Fact]
    public async Task Thoughts_calls_and_statistics_stay_out_of_the_answers()
    {
        Smollm3.Result result = await Chat("What time is it?\n/stats\n/quit\n", "--think", "--tools", "--temperature", "0");

        Assert.Equal(0, result.ExitCode);
        Assert.NotEqual("", result.Text.Trim());
        Assert.Contains("Last answer: ", result.Error);
        Assert.DoesNotContain("→", result.Text);
    }

    [Theory]
    [InlineData("/nonsense", "/nonsense")]
    [InlineData("/load missing.json", "missing.json")]
    public async Task A_mistake_ends_a_pipe_with_exit_code_1(string line, string named) =>
        (await Chat($"{line}\nHello!\n")).AssertMistake(named);

    [Fact]
    public async Task A_model_that_is_not_there_is_a_mistake_too() =>
        (await Smollm3.RunAsync("chat", "--model", "missing.gguf")).AssertMistake("missing.gguf");

    private static Task<Smollm3.Result> Chat(string input, params string[] arguments) =>
        Smollm3.RunAsync(Encoding.UTF8.GetBytes(input), ["chat", "--model", "tiny", .. arguments]);
}
