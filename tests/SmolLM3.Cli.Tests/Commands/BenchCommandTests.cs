using System.Text.Json;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Cli.Tests.Commands;

public sealed class BenchCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_combination_is_a_test_with_a_line_of_its_own()
    {
        JsonElement[] lines = await LinesAsync(
            "-p", "5,9", "-n", "3", "-d", "70", "-d", "0", "--sequences", "1,3", "-t", "1,2", "-r", "2",
            "--kernel", "scalar");

        // 2 thread counts x (a bandwidth + 2 depths x (2 prompts + 1 decode x 2 numbers of sequences))
        string[] tests =
        [
            "prompt 5 0 1", "prompt 9 0 1", "decode 3 0 1", "decode 3 0 3",
            "prompt 5 70 1", "prompt 9 70 1", "decode 3 70 1", "decode 3 70 3",
        ];
        Assert.Equal(
            [.. tests.Select(test => test + " 1"), .. tests.Select(test => test + " 2")],
            lines.Where(IsTest).Select(line => $"{Text(line, "test")} {line.GetProperty("depth")} "
                + $"{line.GetProperty("sequences")} {line.GetProperty("threads")}"));
        Assert.Equal([0, 9], lines.Index().Where(line => !IsTest(line.Item)).Select(line => line.Index));
        Assert.All(lines.Where(IsTest), line =>
        {
            Assert.Equal("scalar", Text(line, "kernel"));
            double speed = line.GetProperty("tokens_per_second").GetDouble();
            Assert.InRange(speed, line.GetProperty("min").GetDouble(), line.GetProperty("max").GetDouble());
            Assert.True(line.GetProperty("min").GetDouble() > 0);
            Assert.True(line.GetProperty("resident_bytes").GetInt64() > 1_000_000);
        });
    }

    [Fact]
    public async Task Bytes_a_second_are_weights_and_context_of_every_step()
    {
        JsonElement[] lines = await LinesAsync("-p", "4", "-n", "5", "-d", "10", "--sequences", "2", "-r", "1");

        double bandwidth = lines[0].GetProperty("bytes_per_second").GetDouble();
        Assert.Equal(JsonValueKind.Null, lines[1].GetProperty("bytes_per_second").ValueKind);
        Assert.Equal(JsonValueKind.Null, lines[1].GetProperty("share_of_bandwidth").ValueKind);
        double bytes = lines[2].GetProperty("bytes_per_second").GetDouble();
        double stepsPerSecond = lines[2].GetProperty("tokens_per_second").GetDouble() / 2;

        // The tiny model's head is its embedding; two sequences share 10 tokens and hold 2 of their own on average.
        using GgufFile file = GgufFile.Open(_folder["tiny.gguf"]);
        JsonElement facts = JsonElement.Parse((await Smollm3.RunAsync("info", _folder["tiny.gguf"], "--json")).Output);
        double kvBytes = facts.GetProperty("kv_bytes_per_1000_tokens").GetInt64() / 1000.0;
        double perStep = file.Tensors.Sum(tensor => tensor.ByteLength) + (kvBytes * (10 + (2 * 2)));
        Assert.Equal(1, bytes / (perStep * stepsPerSecond), tolerance: 0.001);
        Assert.Equal(bytes / bandwidth, lines[2].GetProperty("share_of_bandwidth").GetDouble(), tolerance: 0.001);
    }

    [Fact]
    public async Task A_count_of_0_leaves_the_test_out()
    {
        JsonElement[] lines = await LinesAsync("-p", "0", "-n", "2", "-r", "1");

        Assert.Equal(["read bandwidth", "decode 2"], lines.Select(line => Text(line, "test")));
    }

    [Fact]
    public async Task The_first_token_is_timed_alone()
    {
        JsonElement line = Assert.Single(await LinesAsync("--first-token", "-p", "6"));

        Assert.Equal("first token 6", Text(line, "test"));
        Assert.True(line.GetProperty("milliseconds").GetDouble() > 0);
        Assert.True(line.GetProperty("resident_bytes").GetInt64() > 0);
    }

    [Fact]
    public async Task Without_json_there_is_a_table_that_states_the_bandwidth()
    {
        Smollm3.Result result = await Smollm3.RunAsync(
            "bench", "--model", _folder.TinyModel(), "-p", "4", "-n", "2", "-t", "1", "-r", "1");

        Assert.Equal("", result.Error);
        Assert.Contains("prompt 4", result.Text, StringComparison.Ordinal);
        Assert.Contains("decode 2", result.Text, StringComparison.Ordinal);
        Assert.Contains("read memory at", result.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("scalar", "--kernel", "mmx")]
    [InlineData("'-4'", "-n", "-4")]
    [InlineData("'x'", "-p", "1,x")]
    [InlineData("from 1", "-t", "0")]
    [InlineData("from 1", "-r", "0")]
    [InlineData("Nothing is left", "-p", "0", "-n", "0")]
    [InlineData("--first-token", "--first-token", "-p", "1,2")]
    [InlineData("--first-token", "--first-token", "-n", "4")]
    [InlineData("exclude each other", "--synthetic", "q8_0")]
    [InlineData("the keys and values", "-d", "90000000", "-n", "90000000")]
    public async Task Mistakes_end_with_one_line(string expected, params string[] arguments)
    {
        Smollm3.Result result = await Smollm3.RunAsync(["bench", "--model", _folder.TinyModel(), .. arguments]);

        result.AssertMistake(expected);
    }

    private async Task<JsonElement[]> LinesAsync(params string[] arguments)
    {
        Smollm3.Result result = await Smollm3.RunAsync(
            ["bench", "--model", _folder.TinyModel(), "--json", .. arguments]);
        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        string[] lines = result.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Select(line => JsonElement.Parse(line))];
    }

    private static bool IsTest(JsonElement line) => Text(line, "test") != "read bandwidth";

    private static string? Text(JsonElement line, string name) => line.GetProperty(name).GetString();
}
