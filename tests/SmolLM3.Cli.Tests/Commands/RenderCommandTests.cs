namespace SmolLM3.Cli.Tests.Commands;

public sealed class RenderCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Writes_the_prompt_and_no_newline_of_its_own()
    {
        string messages = _folder.Write("m.json", """[{"role": "user", "content": "Grüß dich"}]""");

        Smollm3.Result result = await Smollm3.RunAsync("render", "--messages", messages, "--no-think", "--date", "2025-07-08");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(
            "<|im_start|>system\n## Metadata\n\nKnowledge Cutoff Date: June 2025\nToday Date: 08 July 2025\n"
            + "Reasoning Mode: /no_think\n\n## Custom Instructions\n\n"
            + "You are a helpful AI assistant named SmolLM, trained by Hugging Face.\n\n"
            + "<|im_start|>user\nGrüß dich<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n",
            result.Text);
    }

    [Fact]
    public async Task Tools_are_printed_as_python_prints_the_dictionaries_they_are()
    {
        string messages = _folder.Write("m.json", """[{"role": "user", "content": "Hi"}]""");
        string tools = _folder.Write(
            "t.json", """[{"type": "function", "function": {"name": "it's", "strict": true, "x": null, "y": 1.0}}]""");

        Smollm3.Result result = await Smollm3.RunAsync("render", "--messages", messages, "--tools", tools);

        Assert.Contains(
            "<tools>\n{'type': 'function', 'function': {'name': \"it's\", 'strict': True, 'x': None, 'y': 1.0}}\n</tools>",
            result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tool_calls_results_and_parts_of_openai_messages_are_read()
    {
        string messages = _folder.Write("m.json", """
            [
              {"role": "user", "content": [{"type": "text", "text": "Weather "}, {"type": "text", "text": "in Oslo?"}]},
              {"role": "assistant", "content": null, "tool_calls": [
                {"id": "1", "type": "function", "function": {"name": "w", "arguments": "{\"city\": \"Oslo\"}"}}]},
              {"role": "tool", "tool_call_id": "1", "content": "Rain"}
            ]
            """);

        Smollm3.Result result = await Smollm3.RunAsync("render", "--messages", messages, "--think");

        Assert.Contains("<|im_start|>user\nWeather in Oslo?<|im_end|>\n", result.Text, StringComparison.Ordinal);
        Assert.Contains(
            "<tool_call>\n{\"name\": \"w\", \"arguments\": {\"city\": \"Oslo\"}}\n</tool_call><|im_end|>\n",
            result.Text, StringComparison.Ordinal);
        Assert.EndsWith("<|im_start|>user\nRain<|im_end|>\n<|im_start|>assistant\n", result.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[{\"role\": \"king\", \"content\": \"\"}]", "role 'king'")]
    [InlineData("[{\"content\": \"\"}]", "has no role")]
    [InlineData("[{\"role\": 1}]", "no text")]
    [InlineData("[{\"role\": \"user\", \"content\": \"\\ud800\"}]", "no text")]
    [InlineData("[{\"role\": \"assistant\", \"tool_calls\": {}}]", "no array")]
    [InlineData("[{\"role\": \"assistant\", \"tool_calls\": [7]}]", "without a function name")]
    [InlineData("{}", "an array is wanted")]
    [InlineData("[", "JSON")]
    [InlineData("[{\"role\": \"user\", \"content\": [{\"type\": \"image_url\"}]}]", "no text")]
    public async Task Bad_messages_end_with_one_line_that_says_why(string json, string expected)
    {
        Smollm3.Result result = await Smollm3.RunAsync("render", "--messages", _folder.Write("m.json", json));

        Assert.Equal(1, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_date_of_another_form_is_refused()
    {
        string messages = _folder.Write("m.json", """[{"role": "user", "content": "Hi"}]""");

        Smollm3.Result result = await Smollm3.RunAsync("render", "--messages", messages, "--date", "8 July");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("YYYY-MM-DD", result.Error, StringComparison.Ordinal);
    }
}
