using System.Text.Json;

namespace SmolLM3.Cli.Tests.Commands;

public sealed class RunCommandTests
{
    [Fact]
    public async Task The_tiny_model_answers_and_a_seed_makes_it_repeatable()
    {
        string[] arguments = ["run", "Hello!", "--seed", "7"];

        Smollm3.Result first = await Smollm3.RunAsync(arguments);
        Smollm3.Result second = await Smollm3.RunAsync(arguments);

        Assert.Equal(0, first.ExitCode);
        Assert.NotEqual("", first.Text.Trim());
        Assert.Equal(first.Text, second.Text);
    }

    [Fact]
    public async Task Json_tells_text_reasoning_and_usage_apart()
    {
        Smollm3.Result result = await Smollm3.RunAsync("run", "What is 3 + 4?", "--think", "--temperature", "0", "--json");

        using JsonDocument json = JsonDocument.Parse(result.Output);
        Assert.NotEqual("", json.RootElement.GetProperty("reasoning").GetString());
        Assert.Equal("stop", json.RootElement.GetProperty("finish_reason").GetString());
        JsonElement usage = json.RootElement.GetProperty("usage");
        Assert.InRange(usage.GetProperty("reasoning_tokens").GetInt64(), 1, usage.GetProperty("output_tokens").GetInt64());
        Assert.True(usage.GetProperty("input_tokens").GetInt64() > 10);
    }

    [Fact]
    public async Task Max_tokens_ends_by_length()
    {
        Smollm3.Result result = await Smollm3.RunAsync("run", "Hello!", "--max-tokens", "2", "--json");

        using JsonDocument json = JsonDocument.Parse(result.Output);
        Assert.Equal("length", json.RootElement.GetProperty("finish_reason").GetString());
        Assert.Equal(2, json.RootElement.GetProperty("usage").GetProperty("output_tokens").GetInt64());
    }

    [Fact]
    public async Task A_prompt_may_begin_with_an_at_sign()
    {
        Smollm3.Result result = await Smollm3.RunAsync("run", "@anna asks what 3+4 is", "--temperature", "0");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.NotEqual("", result.Text.Trim());
    }

    [Theory]
    [InlineData("--think", "--no-think")]
    [InlineData("--temperature", "-1")]
    [InlineData("--max-tokens", "0")]
    [InlineData("--model", "missing.gguf")]
    public async Task Mistakes_end_with_exit_code_1_and_no_stack_trace(params string[] arguments)
    {
        Smollm3.Result result = await Smollm3.RunAsync(["run", "Hi", .. arguments]);

        Assert.Equal(1, result.ExitCode);
        Assert.NotEqual("", result.Error);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }
}
