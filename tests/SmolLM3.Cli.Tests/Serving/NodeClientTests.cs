using System.Diagnostics;
using System.Text.Json;

namespace SmolLM3.Cli.Tests.Serving;

/// <summary>npm's <c>openai</c> client. <c>npm ci</c> in the folder <c>Serving/Node</c> brings it, which the gate does;
/// there a missing client fails the test.</summary>
public sealed class NodeClientTests
{
    [Fact]
    public async Task Chats_streams_calls_tools_and_reads_errors()
    {
        string folder = FindScript();
        Assert.SkipUnless(
            Directory.Exists(Path.Combine(folder, "node_modules")) || Environment.GetEnvironmentVariable("SMOLLM3_GATE") == "1",
            "npm's openai is not there: npm ci --prefix tests/SmolLM3.Cli.Tests/Serving/Node");
        await using RunningServer server = await RunningServer.StartAsync(new() { ApiKeys = ["a-key"] });

        JsonElement told = await RunAsync(folder, new Uri(server.Http.BaseAddress!, "v1").ToString(), "a-key");

        Assert.Equal(["smollm3-tiny"], told.GetProperty("models").EnumerateArray().Select(id => id.GetString()));
        Assert.Contains("7", told.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.NotEqual("", told.GetProperty("reasoning").GetString());
        Assert.Equal("get_weather", told.GetProperty("call").GetProperty("name").GetString());
        Assert.Equal("""{"city":"Lisbon"}""", told.GetProperty("call").GetProperty("arguments").GetString());
        Assert.True(told.GetProperty("usage").GetProperty("completion_tokens").GetInt32() > 0);
        Assert.Contains("24", told.GetProperty("result").GetString(), StringComparison.Ordinal);
        Assert.Equal(
            """{"type":"NotFoundError","status":404,"code":"model_not_found","param":"model"}""",
            told.GetProperty("refused").GetRawText());
    }

    // The client is 18 MB, and stays beside its script.
    private static string FindScript()
    {
        DirectoryInfo root = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "SmolLM3.Extensions.sln")))
        {
            root = root.Parent ?? throw new DirectoryNotFoundException("The tests run outside the repository.");
        }

        return Path.Combine(root.FullName, "tests", "SmolLM3.Cli.Tests", "Serving", "Node");
    }

    private static async Task<JsonElement> RunAsync(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("node")
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (string argument in (string[])["client.mjs", .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        using Process node = Process.Start(start)!;
        Task<string> error = node.StandardError.ReadToEndAsync();
        string output = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        Assert.True(node.ExitCode == 0, await error);
        return JsonElement.Parse(output);
    }
}
