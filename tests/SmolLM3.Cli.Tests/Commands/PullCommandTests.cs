using System.Text.Json;
using SmolLM3.Extensions.Tests.Models;

namespace SmolLM3.Cli.Tests.Commands;

/// <summary>pull, list, info and rm against a hub on this machine.</summary>
public sealed class PullCommandTests : IAsyncLifetime
{
    private FakeHub _hub = null!;

    public async ValueTask InitializeAsync() => _hub = await TinyHub.StartAsync();

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task A_model_is_pulled_listed_described_and_removed_by_its_name()
    {
        Smollm3.Result pulled = await RunAsync("pull", "owner/repo");
        Assert.Equal(0, pulled.ExitCode);
        string path = pulled.Text.Trim();
        Assert.Equal(_hub.Files["tiny-Q4_K_M.gguf"], await File.ReadAllBytesAsync(path));
        Assert.Contains("100 % of", pulled.Error, StringComparison.Ordinal);
        Assert.Contains("owner/repo/tiny-Q4_K_M.gguf: done", pulled.Error, StringComparison.Ordinal);

        Smollm3.Result listed = await RunAsync("list", "--json");
        JsonElement row = Assert.Single(JsonElement.Parse(listed.Output).EnumerateArray());
        Assert.Equal("owner/repo/tiny-Q4_K_M.gguf", row.GetProperty("model").GetString());
        Assert.Equal("Q4_K_M", row.GetProperty("quantization").GetString());
        Assert.Equal(path, row.GetProperty("path").GetString());

        Smollm3.Result info = await RunAsync("info", "owner/repo", "--json");
        Assert.Equal("smollm3", JsonElement.Parse(info.Output).GetProperty("architecture").GetString());

        Smollm3.Result removed = await RunAsync("rm", "owner/repo");
        Assert.Contains("Deleted owner/repo/tiny-Q4_K_M.gguf", removed.Text, StringComparison.Ordinal);
        await RunAsync("pull", "owner/repo:Q8_0");
        removed = await RunAsync("rm", "owner/repo:Q8_0", "--json");
        Assert.Equal(
            """["owner/repo/tiny-Q8_0.gguf"]""",
            JsonSerializer.Serialize(JsonElement.Parse(removed.Output).GetProperty("deleted")));
        Assert.Equal(
            _hub.Files["tiny-Q8_0.gguf"].Length, JsonElement.Parse(removed.Output).GetProperty("freed_bytes").GetInt64());
        Assert.False(File.Exists(path));
        (await RunAsync("rm", "owner/repo")).AssertMistake("not on this machine");
        (await RunAsync("info", "owner/repo")).AssertMistake("smollm3 pull owner/repo");
    }

    [Fact]
    public async Task Json_names_what_was_pulled()
    {
        Smollm3.Result pulled = await RunAsync("pull", "owner/repo:Q8_0", "--json");
        JsonElement row = JsonElement.Parse(pulled.Output);
        Assert.Equal("owner/repo/tiny-Q8_0.gguf", row.GetProperty("model").GetString());
        Assert.Equal(_hub.Files["tiny-Q8_0.gguf"].Length, row.GetProperty("bytes").GetInt64());
    }

    [Fact]
    public async Task The_list_names_what_is_known()
    {
        Smollm3.Result listed = await RunAsync("list");
        Assert.Contains("smollm3 pull", listed.Text, StringComparison.Ordinal);
        Assert.Contains("unsloth/SmolLM3-3B-128K-GGUF", listed.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("owner/repo:Q2_K", "tiny-Q8_0.gguf")]
    [InlineData("owner/none", "no repository owner/none")]
    [InlineData("./model.gguf", "no model on the hub")]
    public async Task What_is_not_to_be_had_ends_with_one_line(string model, string expected) =>
        (await RunAsync("pull", model)).AssertMistake(expected);

    [Fact]
    public async Task Offline_is_said()
    {
        Smollm3.Result result = await Smollm3.RunAsync(
            [], new Dictionary<string, string>(_hub.Variables()) { ["HF_HUB_OFFLINE"] = "1" }, "pull", "owner/repo");
        result.AssertMistake("HF_HUB_OFFLINE is set");
        Assert.Empty(_hub.Requests);
    }

    private Task<Smollm3.Result> RunAsync(params string[] arguments) =>
        Smollm3.RunAsync([], _hub.Variables(), arguments);
}
