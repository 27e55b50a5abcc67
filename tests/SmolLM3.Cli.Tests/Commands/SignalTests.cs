using System.Diagnostics;
using System.Text;
using SmolLM3.Extensions.Tests.Models;

namespace SmolLM3.Cli.Tests.Commands;

/// <summary>Real signals to the real command.</summary>
public sealed class SignalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SignalTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no signals to send there.");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_the_model_says_commands_no_terminal()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script") && OperatingSystem.IsLinux(), "There is no script of util-linux.");
        using Process terminal = Smollm3.Start(
            "/usr/bin/script",
            ["-q", "-e", "-c", $"dotnet '{Smollm3.Dll}' run Hi -m tiny --no-think --regex '\\x1b\\[31mRED\\x07'", "/dev/null"],
            new() { ["TERM"] = "xterm", ["SHELL"] = "/bin/sh" });

        string screen = await terminal.StandardOutput.ReadToEndAsync();

        Assert.Contains("\u241B[31mRED\u2407", screen, StringComparison.Ordinal);
        Assert.DoesNotContain("\x1b[31m", screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_in_a_terminal_stops_the_answer_and_the_chat_goes_on()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script") && OperatingSystem.IsLinux(), "There is no script of util-linux.");
        string command = $"dotnet '{Smollm3.Dll}' chat --temperature 0 --model '{EndlessModel.Write(_folder)}'";
        using Process terminal = Smollm3.Start(
            "/usr/bin/script", ["-q", "-e", "-c", command, "/dev/null"],
            new() { ["TERM"] = "xterm", ["SHELL"] = "/bin/sh" });
        var screen = new Screen(terminal.StandardOutput);

        await screen.WaitForAsync("> ");
        await TypeAsync("Hello!\r");
        await screen.WaitForAsync("How can I");
        await TypeAsync("\x03");
        await screen.WaitForAsync("(stopped)");
        await screen.WaitForAsync("> ");
        await TypeAsync("/stats\r");
        await screen.WaitForAsync("No answer yet");
        await TypeAsync("/new\r");
        await screen.WaitForAsync("A new conversation.");

        // At the prompt there is no answer to stop: it ends the program.
        await screen.WaitForAsync("> ");
        await TypeAsync("\x03");
        await terminal.WaitForExitAsync();
        Assert.Equal(ExitCodes.Interrupted, terminal.ExitCode);

        async Task TypeAsync(string keys)
        {
            await terminal.StandardInput.WriteAsync(keys);
            await terminal.StandardInput.FlushAsync();
        }
    }

    [Fact]
    public async Task A_signal_stops_the_answer_of_a_pipe_and_the_next_line_is_answered()
    {
        using Process chat = Smollm3.Start("chat", "--temperature", "0", "--model", EndlessModel.Write(_folder));
        await chat.StandardInput.WriteLineAsync("Hello!");
        await chat.StandardInput.FlushAsync();
        await chat.StandardOutput.ReadAsync(new char[1]);
        chat.Kill(Smollm3.Interrupt);
        string? stopped = await chat.StandardError.ReadLineAsync();
        await chat.StandardInput.WriteLineAsync("/quit");
        await chat.WaitForExitAsync();

        Assert.Equal(("(stopped)", 0), (stopped, chat.ExitCode));
    }

    [Theory]
    [InlineData(Smollm3.Interrupt, ExitCodes.Interrupted)]
    [InlineData(Smollm3.Terminate, ExitCodes.Terminated)]
    public async Task Run_ends_as_shells_expect(int signal, int expected)
    {
        using Process run = Smollm3.Start("run", "Hello!", "--temperature", "0", "--model", EndlessModel.Write(_folder));
        await run.StandardOutput.ReadAsync(new char[1]);
        run.Kill(signal);
        Task<string> error = run.StandardError.ReadToEndAsync();
        await run.StandardOutput.ReadToEndAsync();
        await run.WaitForExitAsync();

        Assert.Equal((expected, ""), (run.ExitCode, await error));
    }

    [Theory]
    [InlineData("pull", "owner/repo")]
    [InlineData("chat", "--model", "owner/repo")]
    [InlineData("run", "Hello!", "--model", "owner/repo")]
    public async Task Ctrl_C_ends_a_download(params string[] arguments)
    {
        await using FakeHub hub = await TinyHub.StartAsync();
        var begun = new TaskCompletionSource();
        hub.OnStorage = async context =>
        {
            begun.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
            return true;
        };
        using Process pull = Smollm3.Start("dotnet", [Smollm3.Dll, .. arguments], hub.Variables());
        await begun.Task;
        pull.Kill(Smollm3.Interrupt);
        string error = await pull.StandardError.ReadToEndAsync();
        await pull.WaitForExitAsync();

        Assert.Equal(ExitCodes.Interrupted, pull.ExitCode);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Smollm3.Interrupt)]
    [InlineData(Smollm3.Terminate)]
    public async Task A_server_lets_a_stream_end_and_then_ends(int signal)
    {
        using Process server = Smollm3.Start(
            "serve", "--port", "0", "--context", "600", "--model", EndlessModel.Write(_folder));
        using HttpClient http = await ConnectAsync(server);
        using HttpResponseMessage response = await AskAsync(http);
        using var events = new StreamReader(await response.Content.ReadAsStreamAsync());
        await events.ReadLineAsync();
        server.Kill(signal);
        string[] rest = (await events.ReadToEndAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        await server.WaitForExitAsync();

        Assert.Equal("data: [DONE]", rest[^1]);
        Assert.True(rest.Length > 3, string.Join('\n', rest));
        Assert.Equal((0, ""), (server.ExitCode, await server.StandardError.ReadToEndAsync()));
    }

    [Fact]
    public async Task A_stream_that_takes_too_long_is_told_and_the_server_ends_as_well()
    {
        using Process server = Smollm3.Start(
            "serve", "--port", "0", "--shutdown-timeout", "0", "--model", EndlessModel.Write(_folder));
        using HttpClient http = await ConnectAsync(server);
        using HttpResponseMessage response = await AskAsync(http);
        using var events = new StreamReader(await response.Content.ReadAsStreamAsync());
        await events.ReadLineAsync();
        server.Kill(Smollm3.Terminate);
        string rest = await events.ReadToEndAsync();
        await server.WaitForExitAsync();

        Assert.Contains("server_shutting_down", rest, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", rest, StringComparison.Ordinal);
        Assert.Equal(0, server.ExitCode);
    }

    private static async Task<HttpClient> ConnectAsync(Process server)
    {
        string line = (await server.StandardOutput.ReadLineAsync())!;
        await server.StandardOutput.ReadLineAsync();
        return new HttpClient { BaseAddress = new Uri(line.Split(' ')[2].TrimEnd(',')) };
    }

    private static Task<HttpResponseMessage> AskAsync(HttpClient http) => http.SendAsync(
        new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(
                """{"messages": [{"role": "user", "content": "Hello!"}], "stream": true, "temperature": 0}""",
                Encoding.UTF8, "application/json"),
        },
        HttpCompletionOption.ResponseHeadersRead);

    /// <summary>What a terminal shows, read as it comes.</summary>
    private sealed class Screen(StreamReader output)
    {
        private readonly StringBuilder _text = new();

        /// <summary>Reads to behind the text that is expected.</summary>
        public async Task WaitForAsync(string expected)
        {
            char[] buffer = new char[256];
            int at;
            while ((at = _text.ToString().IndexOf(expected, StringComparison.Ordinal)) < 0)
            {
                int read = await output.ReadAsync(buffer).AsTask().WaitAsync(TimeSpan.FromMinutes(1));
                Assert.True(read > 0, $"It ended before '{expected}': {_text}");
                _text.Append(buffer, 0, read);
            }

            _text.Remove(0, at + expected.Length);
        }
    }
}
