using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace SmolLM3.Cli.Tests.Commands;

/// <summary>Perplexities, against the logits that <c>eval --logits</c> writes.</summary>
public sealed class EvalCommandPerplexityTests : IDisposable
{
    private const int Vocabulary = 2048;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task One_window_is_the_mean_over_the_logits()
    {
        int[] ids = [.. Enumerable.Range(0, 70).Select(i => 40 + (i * 7 % 300))];

        JsonElement found = await EvalAsync("--ids", Write(ids));

        float[] logits = await LogitsAsync(ids);
        double mean = Enumerable.Range(1, ids.Length - 1).Average(i => Nats(logits, i - 1, ids[i]));
        Assert.Equal(mean, found.GetProperty("mean_negative_log_likelihood").GetDouble(), tolerance: 1e-9);
        Assert.Equal(Math.Exp(mean), found.GetProperty("perplexity").GetDouble(), tolerance: 1e-6);
        Assert.Equal((70, 1), (Number(found, "tokens"), Number(found, "windows")));
        Assert.Equal((2048, 1024), (Number(found, "context"), Number(found, "stride")));
        Assert.Equal("smollm3-tiny", found.GetProperty("model").GetString());
    }

    [Theory]
    [InlineData(32, 10, 70, 5)]
    [InlineData(32, 31, 63, 2)]
    [InlineData(32, 10, 42, 2)]
    [InlineData(2, 1, 5, 4)]
    public async Task A_token_of_a_long_text_counts_once_in_the_first_window_it_is_in(
        int context, int stride, int tokens, int windows)
    {
        int[] ids = [.. Enumerable.Range(0, tokens).Select(i => 40 + (i * 11 % 290))];

        JsonElement found = await EvalAsync(
            "--ids", Write(ids), "--context", $"{context}", "--stride", $"{stride}", "--rows", "7");

        Dictionary<int, float[]> logits = [];
        double sum = 0;
        for (int i = 1; i < tokens; i++)
        {
            // The first window whose end is behind token i.
            int start = Math.Max(0, (i - context + stride) / stride) * stride;
            if (!logits.TryGetValue(start, out float[]? window))
            {
                window = logits[start] = await LogitsAsync(ids[start..Math.Min(start + context, tokens)]);
            }

            sum += Nats(window, i - 1 - start, ids[i]);
        }

        Assert.Equal(sum / (tokens - 1), found.GetProperty("mean_negative_log_likelihood").GetDouble(), tolerance: 1e-9);
        Assert.Equal((windows, logits.Count), (Number(found, "windows"), windows));
    }

    [Fact]
    public async Task A_text_is_its_tokens_from_a_file_and_through_a_pipe_and_ordinary_text_is_likelier()
    {
        byte[] text = Encoding.UTF8.GetBytes("Hello! How are you? <|im_end|> What is the weather in Lisbon?");
        string file = _folder["text.txt"];
        await File.WriteAllBytesAsync(file, text);
        string ids = (await Smollm3.RunAsync(text, "tokenize", "-m", "tiny")).Text;

        JsonElement ofFile = await EvalAsync("--text", file);
        JsonElement ofPipe = await EvalAsync(text, "--text", "-");
        JsonElement ofIds = await EvalAsync("--ids", _folder.Write("text.json", ids));
        JsonElement backwards = await EvalAsync([.. text.Reverse()], "--text", "-");

        Assert.Equal(ofIds.GetRawText(), ofFile.GetRawText());
        Assert.Equal(ofIds.GetRawText(), ofPipe.GetRawText());
        Assert.True(Nats(ofFile) < Nats(backwards), $"{Nats(ofFile)} {Nats(backwards)}");

        static double Nats(JsonElement found) => found.GetProperty("mean_negative_log_likelihood").GetDouble();
    }

    [Fact]
    public async Task Without_json_it_is_a_line()
    {
        string text = _folder.Write("text.txt", string.Concat(Enumerable.Repeat("What is the weather in Lisbon? ", 20)));
        Smollm3.Result one = await Smollm3.RunAsync("eval", "-m", "tiny", "--text", text);
        Smollm3.Result several = await Smollm3.RunAsync("eval", "-m", "tiny", "--text", text, "-c", "64");

        Assert.Matches(@"^\d+\.\d+ perplexity, \d+\.\d+ nats a token over \d+ tokens in one window\n$", one.Text);
        Assert.Contains("windows of 64, stride 32", several.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("One of --text", "--json")]
    [InlineData("One of --text", "--text", "a", "--ids", "b")]
    [InlineData("two tokens", "--text", "-")]
    [InlineData("--stride 64", "--text", "TEXT", "-c", "64", "--stride", "64")]
    [InlineData("from 2", "--text", "TEXT", "-c", "1")]
    [InlineData("--stride is of", "--text", "TEXT", "--logits", "out", "--stride", "8")]
    [InlineData("missing.txt", "--text", "missing.txt")]
    [InlineData("'TEXT' is not the JSON", "--ids", "TEXT")]
    public async Task Mistakes_end_with_one_line(string expected, params string[] arguments)
    {
        string text = _folder.Write("TEXT", "Hello! How are you?");

        Smollm3.Result result = await Smollm3.RunAsync(
            ["eval", "-m", "tiny", .. arguments.Select(argument => argument == "TEXT" ? text : argument)]);

        result.AssertMistake(expected);
    }

    private string Write(int[] ids) => _folder.Write("ids.json", JsonSerializer.Serialize(ids));

    private static Task<JsonElement> EvalAsync(params string[] arguments) => EvalAsync([], arguments);

    private static async Task<JsonElement> EvalAsync(byte[] input, params string[] arguments)
    {
        Smollm3.Result result = await Smollm3.RunAsync(input, ["eval", "-m", "tiny", "--json", .. arguments]);
        Assert.Equal("", result.Error);
        return JsonElement.Parse(result.Output);
    }

    private async Task<float[]> LogitsAsync(int[] ids)
    {
        string file = _folder["logits.f32"];
        Smollm3.Result result = await Smollm3.RunAsync("eval", "-m", "tiny", "--ids", Write(ids), "--logits", file);
        Assert.Equal("", result.Error);
        return MemoryMarshal.Cast<byte, float>(await File.ReadAllBytesAsync(file)).ToArray();
    }

    private static int Number(JsonElement found, string name) => found.GetProperty(name).GetInt32();

    private static double Nats(float[] logits, int row, int token)
    {
        double[] rowLogits = [.. logits.Skip(row * Vocabulary).Take(Vocabulary).Select(logit => (double)logit)];
        return -Math.Log(Math.Exp(rowLogits[token]) / rowLogits.Sum(Math.Exp));
    }
}
