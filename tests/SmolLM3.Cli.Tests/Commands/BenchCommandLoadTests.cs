using System.Text.Json;

namespace SmolLM3.Cli.Tests.Commands;

public sealed class BenchCommandLoadTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_number_of_clients_is_tested_without_and_with_cancelled_requests()
    {
        Smollm3.Result result = await Smollm3.RunAsync(
            "bench", "--model", _folder.TinyModel(), "--json", "--clients", "1,3", "--requests", "8",
            "--cancelled", "0,25", "--head", "70", "--own", "5", "--answer", "6", "--kernel", "scalar");

        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        JsonElement[] lines = [.. result.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonElement.Parse(line))];
        Assert.Equal(
            ["load 1 0", "load 1 2", "load 3 0", "load 3 2"],
            lines.Select(line => $"{line.GetProperty("test")} {line.GetProperty("clients")} {line.GetProperty("cancelled")}"));
        Assert.All(lines, line =>
        {
            Assert.Equal("scalar", line.GetProperty("kernel").GetString());

            // Six tokens of everyone who was not cancelled, and less than that of the others.
            double seconds = Number(line, "seconds"), cancelled = Number(line, "cancelled");
            double completed = Number(line, "completed_tokens_per_second") * seconds;
            Assert.Equal((8 - cancelled) * 6, completed, tolerance: 0.5);
            Assert.InRange(Number(line, "tokens_per_second") * seconds, completed - 0.5, completed + (cancelled * 6) + 0.5);

            Assert.True(Number(line, "first_token_p50_milliseconds") > 0);
            Assert.True(Number(line, "first_token_p99_milliseconds") >= Number(line, "first_token_p50_milliseconds"));
            Assert.True(Number(line, "gap_p99_milliseconds") >= Number(line, "gap_p50_milliseconds"));

            // The head was there before the first of them, and of the rest at most a token or two by chance.
            Assert.InRange(Number(line, "cached_share"), 0.933, 0.96);
            Assert.True(Number(line, "resident_bytes") > 0);
        });
    }

    [Fact]
    public async Task Without_json_there_is_a_table_that_compares_with_one_client()
    {
        Smollm3.Result result = await Smollm3.RunAsync(
            "bench", "--model", _folder.TinyModel(), "--clients", "1,2", "--requests", "4", "--head", "0", "--own", "9",
            "--answer", "3");

        Assert.Equal("", result.Error);
        Assert.Contains("× one", result.Text, StringComparison.Ordinal);
        Assert.Contains("1.00", result.Text, StringComparison.Ordinal);
        Assert.Contains("0 shared and 9 own", result.Text, StringComparison.Ordinal);
        Assert.Equal(4, result.Text.Split(" of 4 ").Length - 1);
    }

    [Theory]
    [InlineData("4 clients", "--clients", "2,4", "--requests", "3")]
    [InlineData("from 1", "--clients", "0")]
    [InlineData("from 2", "--clients", "1", "--answer", "1")]
    [InlineData("up to 99", "--clients", "1", "--cancelled", "100")]
    [InlineData("--prompt is not for", "--clients", "1", "-p", "5")]
    [InlineData("--first-token is not for", "--clients", "1", "--first-token")]
    [InlineData("--head is only for", "--head", "5")]
    [InlineData("the keys and values", "--clients", "1", "--head", "90000000")]
    public async Task Mistakes_end_with_one_line(string expected, params string[] arguments)
    {
        Smollm3.Result result = await Smollm3.RunAsync(["bench", "--model", _folder.TinyModel(), .. arguments]);

        result.AssertMistake(expected);
    }

    private static double Number(JsonElement line, string name) => line.GetProperty(name).GetDouble();
}
