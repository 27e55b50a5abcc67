using System.Text.Json;
using SmolLM3.TinyModelTests;

namespace SmolLM3.Cli.Tests.Commands;

public sealed class RunCommandTests
{
    [Fact]
    public async Task The_tiny_model_answers_and_a_seed_makes_it_repeatable()
    {
        string[] arguments = ["run", "Hello!", "-m", "tiny", "--seed", "7"];

        Smollm3.Result first = await Smollm3.RunAsync(arguments);
        Smollm3.Result second = await Smollm3.RunAsync(arguments);

        Assert.Equal(0, first.ExitCode);
        Assert.NotEqual("", first.Text.Trim());
        Assert.Equal(first.Text, second.Text);
    }

    [Fact]
    public async Task Json_tells_text_reasoning_and_usage_apart()
    {
        Smollm3.Result result = await Smollm3.RunAsync(
            "run", "What is 3 + 4?", "-m", "tiny", "--think", "--temperature", "0", "--json");

        using JsonDocument json = JsonDocument.Parse(result.Output);
        Assert.NotEqual("", json.RootElement.GetProperty("reasoning").GetString());
        Assert.Equal("stop", json.RootElement.GetProperty("finish_reason").GetString());
        JsonElement usage = json.RootElement.GetProperty("usage");
        Assert.InRange(usage.GetProperty("reasoning_tokens").GetInt64(), 1, usage.GetProperty("output_tokens").GetInt64());
        Assert.True(usage.GetProperty("input_tokens").GetInt64() > 10);
    }

    [Fact]
    public async Task Instructions_are_part_of_the_prompt()
    {
        long[] tokens =
        [
            await InputTokensAsync("--system", "Be brief."),
            await InputTokensAsync("--system", "Answer in one sentence, and be kind."),
        ];

        Assert.True(tokens[1] > tokens[0] + 5, string.Join(", ", tokens));

        static async Task<long> InputTokensAsync(params string[] arguments)
        {
            Smollm3.Result result = await Smollm3.RunAsync(
                ["run", "Hello!", "-m", "tiny", "-n", "1", "--json", .. arguments]);
            return JsonElement.Parse(result.Output).GetProperty("usage").GetProperty("input_tokens").GetInt64();
        }
    }

    [Fact]
    public async Task Max_tokens_ends_by_length()
    {
        Smollm3.Result result = await Smollm3.RunAsync("run", "Hello!", "-m", "tiny", "--max-tokens", "2", "--json");

        using JsonDocument json = JsonDocument.Parse(result.Output);
        Assert.Equal("length", json.RootElement.GetProperty("finish_reason").GetString());
        Assert.Equal(2, json.RootElement.GetProperty("usage").GetProperty("output_tokens").GetInt64());
    }

    [Fact]
    public async Task A_prompt_may_begin_with_an_at_sign()
    {
        Smollm3.Result result = await Smollm3.RunAsync(
            "run", "@anna asks what 3+4 is", "-m", "tiny", "--temperature", "0");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.NotEqual("", result.Text.Trim());
    }

    [Fact]
    public async Task A_raw_prompt_is_continued_as_it_stands_up_to_its_stop()
    {
        string[] arguments = ["run", "-", "-m", "tiny", "--raw", "--temperature", "0", "-n", "24"];
        byte[] prompt = "sea -> water\nsun -> fire\ntree ->"u8.ToArray();
        Smollm3.Result whole = await Smollm3.RunAsync(prompt, arguments);
        Smollm3.Result piped = await Smollm3.RunAsync([.. prompt, (byte)'\n'], arguments);
        Smollm3.Result chat = await Smollm3.RunAsync(prompt, [.. arguments.Where(argument => argument != "--raw")]);

        Assert.Equal((0, ""), (whole.ExitCode, whole.Error));
        string text = whole.Text[..^Environment.NewLine.Length];
        Assert.True(text.Length > 6, text);
        Assert.Equal(whole.Text, piped.Text);
        Assert.NotEqual(whole.Text, chat.Text);

        string stop = text[3..6];
        Smollm3.Result cut = await Smollm3.RunAsync(prompt, [.. arguments, "--stop", "never", "--stop", stop]);
        Assert.Equal(text[..text.IndexOf(stop, StringComparison.Ordinal)] + Environment.NewLine, cut.Text);
    }

    [Fact]
    public async Task An_answer_follows_a_schema_or_a_pattern()
    {
        using var folder = new TemporaryFolder();
        string schema = folder.Write("schema.json", """{"type":"array","items":{"enum":["a","b"]},"maxItems":3}""");
        Smollm3.Result array = await Smollm3.RunAsync(
            "run", "List", "-m", "tiny", "--json-schema", schema, "--seed", "1");
        Smollm3.Result word = await Smollm3.RunAsync(
            "run", "Yes or no? ", "-m", "tiny", "--raw", "--regex", "(yes|no)\\.", "--seed", "1");
        Smollm3.Result both = await Smollm3.RunAsync(
            "run", "List", "-m", "tiny", "--json-schema", schema, "--regex", "a");

        Assert.Equal(JsonValueKind.Array, JsonDocument.Parse(array.Text).RootElement.ValueKind);
        Assert.Matches(@"^(yes|no)\.\s*$", word.Text);
        both.AssertMistake("one form");
    }

    [Fact]
    public async Task A_base_model_continues_texts_and_says_so_when_it_is_to_chat()
    {
        using var folder = new TemporaryFolder();
        string path = folder["base.gguf"];
        await File.WriteAllBytesAsync(path, BaseModel.Create());

        (await Smollm3.RunAsync("run", "Hello!", "--model", path)).AssertMistake("--raw");
        Smollm3.Result raw =
            await Smollm3.RunAsync("run", "1 + 6 =", "--model", path, "--raw", "-n", "4", "--temperature", "0", "--json");
        using JsonDocument json = JsonDocument.Parse(raw.Output);
        Assert.NotEqual("", json.RootElement.GetProperty("text").GetString());
        Assert.Equal("", json.RootElement.GetProperty("reasoning").GetString());
    }

    [Theory]
    [InlineData("Ça va bien, señor Müller! Così è, não?")]
    [InlineData("مرحبا بالعالم، كيف حالك؟")]
    [InlineData("你好，世界！")]
    [InlineData("Привет, мир!")]
    [InlineData("👋🏽 👩‍👩‍👧‍👦 🇵🇹 ❤️‍🔥")]
    [InlineData("e\u0301 \u0928\u093f \u200f\u05e9\u05dc\u05d5\u05dd")]
    public async Task Any_script_goes_through_pipes_byte_by_byte(string text)
    {
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(text);
        string pattern = System.Text.RegularExpressions.Regex.Escape(text);
        Smollm3.Result answer = await Smollm3.RunAsync(bytes, "run", "-", "-m", "tiny", "--regex", pattern);
        Assert.Equal((0, ""), (answer.ExitCode, answer.Error));
        Assert.Equal([.. bytes, (byte)'\n'], answer.Output);

        // Cut in front of its second half, which is a stop sequence.
        int half = System.Globalization.StringInfo.ParseCombiningCharacters(text)[^2];
        Smollm3.Result cut =
            await Smollm3.RunAsync(bytes, "run", "-", "-m", "tiny", "--regex", pattern, "--stop", text[half..], "--json");
        Assert.Equal(text[..half], JsonElement.Parse(cut.Output).GetProperty("text").GetString());
    }

    [Theory]
    [InlineData("--raw", "--think")]
    [InlineData("--raw", "--system", "Be brief.")]
    [InlineData("--json-schema", "missing.json")]
    [InlineData("--think", "--no-think")]
    [InlineData("--temperature", "-1")]
    [InlineData("--max-tokens", "0")]
    public async Task Mistakes_end_with_exit_code_1_and_no_stack_trace(params string[] arguments)
    {
        Smollm3.Result result = await Smollm3.RunAsync(["run", "Hi", "-m", "tiny", .. arguments]);

        Assert.Equal(1, result.ExitCode);
        Assert.NotEqual("", result.Error);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }
}
