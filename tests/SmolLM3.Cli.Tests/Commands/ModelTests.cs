using System.Diagnostics;
using System.Text;
using System.Text.Json;
using SmolLM3.Extensions.Tests.Models;

namespace SmolLM3.Cli.Tests.Commands;

/// <summary>What <c>--model</c> means, in every command that takes it.</summary>
public sealed class ModelTests : IAsyncLifetime
{
    private FakeHub _hub = null!;

    public async ValueTask InitializeAsync() => _hub = await TinyHub.StartAsync();

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task What_is_not_here_is_downloaded_once_and_then_runs()
    {
        string[] arguments = ["run", "Hello!", "--temperature", "0", "--json", "--model"];
        Smollm3.Result tiny = await RunAsync([.. arguments, "tiny"]);
        Assert.Empty(_hub.Requests);
        Smollm3.Result first = await RunAsync([.. arguments, "owner/repo"]);
        int fetches = _hub.Fetches;
        Smollm3.Result second = await RunAsync([.. arguments, "owner/repo"]);

        Assert.Contains("owner/repo/tiny-Q4_K_M.gguf: 100 % of", first.Error, StringComparison.Ordinal);
        Assert.Equal("", second.Error);
        Assert.Equal((1, fetches), (fetches, _hub.Fetches));
        Assert.Equal(("smollm3-tiny", "owner/repo"), (Text(tiny, "model"), Text(first, "model")));
        Assert.Equal(Text(tiny, "text"), Text(first, "text"));
        Assert.Equal(Text(tiny, "text"), Text(second, "text"));
    }

    [Theory]
    [InlineData("chat", "--temperature", "0")]
    [InlineData("eval", "--text", "-", "--json")]
    [InlineData("bench", "-p", "2", "-n", "2", "-r", "1", "--json")]
    [InlineData("bench", "--clients", "1", "--requests", "1", "--head", "2", "--answer", "2", "--json")]
    public async Task Commands_that_run_the_model_download_it(params string[] arguments)
    {
        Smollm3.Result result = await RunAsync([.. arguments, "--model", "owner/repo:Q8_0"]);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("owner/repo/tiny-Q8_0.gguf: done", result.Error, StringComparison.Ordinal);
        Assert.NotEqual("", result.Text);
    }

    [Theory]
    [InlineData("info", "--json")]
    [InlineData("tokenize")]
    [InlineData("bench", "--first-token", "-p", "2", "--json")]
    public async Task Commands_that_only_look_do_not(params string[] arguments)
    {
        (await RunAsync([.. arguments, "--model", "owner/repo"])).AssertMistake("smollm3 pull owner/repo");
        Assert.Empty(_hub.Requests);
        await RunAsync("pull", "owner/repo/tiny-Q8_0.gguf");

        Smollm3.Result named = await RunAsync([.. arguments, "--model", "owner/repo/tiny-Q8_0.gguf"]);
        Smollm3.Result tiny = await RunAsync([.. arguments, "--model", "tiny"]);
        Assert.Equal((0, 0, "", ""), (named.ExitCode, tiny.ExitCode, named.Error, tiny.Error));
        if (arguments[0] == "info")
        {
            Assert.Equal(Text(tiny, "name"), Text(named, "name"));
            Assert.EndsWith("tiny-Q8_0.gguf", Text(named, "file"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("run", "Hello!")]
    [InlineData("chat")]
    [InlineData("serve", "--port", "0")]
    [InlineData("eval", "--text", "-")]
    [InlineData("bench")]
    [InlineData("info")]
    [InlineData("tokenize")]
    public async Task Without_a_model_SmolLM3_is_meant_and_what_to_do_without_it_is_said(params string[] arguments)
    {
        Smollm3.Result result = await Smollm3.RunAsync("Hello!"u8.ToArray(), arguments);

        result.AssertMistake("HuggingFaceTB/SmolLM3-3B is not on this machine");
        Assert.Contains(
            arguments[0] is "info" or "tokenize" ? "smollm3 pull" : "HF_HUB_OFFLINE is set", result.Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_downloads_behind_its_503_and_says_how_far_it_is()
    {
        var go = new TaskCompletionSource();
        _hub.OnStorage = async _ =>
        {
            await go.Task;
            return false;
        };
        using Process server = Smollm3.Start(
            "dotnet", [Smollm3.Dll, "serve", "owner/repo", "--port", "0"], _hub.Variables());
        string line = (await server.StandardOutput.ReadLineAsync())!;
        Task<string> log = server.StandardError.ReadToEndAsync();
        using var http = new HttpClient { BaseAddress = new Uri(line.Split(' ')[2].TrimEnd(',')) };

        HttpResponseMessage early = await AskAsync();
        HttpResponseMessage health = await http.GetAsync("/health");
        go.SetResult();
        await server.StandardOutput.ReadLineAsync();
        HttpResponseMessage late = await AskAsync();
        server.Kill();

        Assert.StartsWith("owner/repo at ", line, StringComparison.Ordinal);
        Assert.Equal((503, 503, 200), ((int)early.StatusCode, (int)health.StatusCode, (int)late.StatusCode));
        Assert.Contains("model_loading", await early.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("Downloaded 100 % of owner/repo/tiny-Q4_K_M.gguf", await log, StringComparison.Ordinal);

        Task<HttpResponseMessage> AskAsync() => http.PostAsync("/v1/chat/completions", new StringContent(
            """{"messages": [{"role": "user", "content": "Hello!"}]}""", Encoding.UTF8, "application/json"));
    }

    [Theory]
    [InlineData("owner/repo:Q2_K", "tiny-Q8_0.gguf")]
    [InlineData("owner/none", "no repository owner/none")]
    public async Task What_the_hub_does_not_have_ends_with_one_line(string model, string expected) =>
        (await RunAsync("run", "Hello!", "--model", model)).AssertMistake(expected);

    [Theory]
    [InlineData("info")]
    [InlineData("serve")]
    public async Task A_model_is_given_once(string command) =>
        (await RunAsync(command, "tiny", "--model", "tiny")).AssertMistake("twice");

    private Task<Smollm3.Result> RunAsync(params string[] arguments) =>
        Smollm3.RunAsync("Hello!"u8.ToArray(), _hub.Variables(), arguments);

    private static string? Text(Smollm3.Result result, string name) =>
        JsonElement.Parse(result.Output).GetProperty(name).GetString();
}
