using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace SmolLM3.Cli.Tests.Commands;

public sealed class ServeCommandTests
{
    [Fact]
    public async Task Tells_its_address_answers_and_ends_when_told_to()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no signal to send there.");
        using Process server = Smollm3.Start("serve", "tiny", "--port", "0", "--model-id", "org/tiny", "--context", "512");
        string line = (await server.StandardOutput.ReadLineAsync())!;
        string ready = (await server.StandardOutput.ReadLineAsync())!;
        string address = line.Split(' ').First(word => word.StartsWith("http", StringComparison.Ordinal)).TrimEnd(',');
        using var http = new HttpClient { BaseAddress = new Uri(address) };

        HttpResponseMessage answer = await http.PostAsync("/v1/chat/completions", new StringContent(
            """{"model": "org/tiny", "messages": [{"role": "user", "content": "Hello!"}]}""", Encoding.UTF8, "application/json"));
        JsonElement model = JsonElement.Parse(await http.GetStringAsync("/v1/models/org/tiny"));
        server.Kill(Smollm3.Terminate);
        await server.WaitForExitAsync();

        Assert.Contains("org/tiny", line, StringComparison.Ordinal);
        Assert.Contains("512", ready, StringComparison.Ordinal);
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal(512, model.GetProperty("max_model_len").GetInt32());
        Assert.Equal((0, ""), (server.ExitCode, await server.StandardError.ReadToEndAsync()));
    }

    [Theory]
    [InlineData("key is required", "--host", "0.0.0.0")]
    [InlineData("no IP address", "--host", "my.example")]
    [InlineData("no web origin", "--cors-origin", "app.example/path")]
    [InlineData("--port", "--port", "70000")]
    [InlineData("assign requested address", "--host", "192.0.2.1", "--api-key", "key")]
    public async Task Unsafe_and_impossible_settings_are_refused(string expected, params string[] arguments)
    {
        Smollm3.Result result = await Smollm3.RunAsync(["serve", "tiny", .. arguments]);

        result.AssertMistake(expected);
    }

    [Fact]
    public async Task A_model_that_is_not_there_ends_it()
    {
        Smollm3.Result result = await Smollm3.RunAsync("serve", "missing.gguf", "--port", "0");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("missing.gguf", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_without_keys_opens_nothing()
    {
        using var folder = new TemporaryFolder();
        string keys = folder.Write("keys.txt", "\n  \n");

        Smollm3.Result result = await Smollm3.RunAsync("serve", "--port", "0", "--api-key-file", keys);

        result.AssertMistake("has no API key");
    }

    [Fact]
    public async Task Keys_of_a_file_count_and_a_port_in_use_is_told()
    {
        using var folder = new TemporaryFolder();
        string keys = folder.Write("keys.txt", "\n  one-key \n");
        using Process server = Smollm3.Start("serve", "tiny", "--port", "0", "--api-key-file", keys);
        string address = (await server.StandardOutput.ReadLineAsync())!.Split(' ')[2].TrimEnd(',');
        using var http = new HttpClient { BaseAddress = new Uri(address) };

        HttpResponseMessage refused = await http.GetAsync("/v1/models");
        http.DefaultRequestHeaders.Authorization = new("Bearer", "one-key");
        HttpResponseMessage allowed = await http.GetAsync("/v1/models");
        Smollm3.Result second = await Smollm3.RunAsync("serve", "tiny", "--port", $"{http.BaseAddress!.Port}");
        server.Kill();

        Assert.Equal((401, 200), ((int)refused.StatusCode, (int)allowed.StatusCode));
        second.AssertMistake("address already in use");
    }
}
