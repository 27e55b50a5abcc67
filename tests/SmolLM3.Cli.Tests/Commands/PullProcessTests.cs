using System.Diagnostics;
using System.Globalization;
using SmolLM3.Extensions.Tests.Models;

namespace SmolLM3.Cli.Tests.Commands;

/// <summary>Downloads of real processes: one that is killed, and two at once.</summary>
public sealed class PullProcessTests : IAsyncLifetime
{
    private FakeHub _hub = null!;

    public async ValueTask InitializeAsync() => _hub = await TinyHub.StartAsync();

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task After_a_kill_the_next_pull_goes_on_where_it_stopped()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no signal to send there.");
        byte[] file = _hub.Files["tiny-Q4_K_M.gguf"];
        int half = file.Length / 2;
        _hub.OnStorage = async context =>
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes 0-{file.Length - 1}/{file.Length}";
            context.Response.ContentLength = file.Length;
            await context.Response.Body.WriteAsync(file.AsMemory(0, half));
            await context.Response.Body.FlushAsync();

            // A byte now and then: how far it is is told when something comes.
            for (int at = half; at < file.Length; at++)
            {
                await Task.Delay(50, context.RequestAborted);
                await context.Response.Body.WriteAsync(file.AsMemory(at, 1), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }

            return true;
        };
        using (Process killed = Start())
        {
            // Half of it is written when it says so.
            while (await killed.StandardError.ReadLineAsync() is { } line && !line.Contains(": 50 %", StringComparison.Ordinal))
            {
            }

            killed.Kill(Smollm3.KillNow);
            await killed.WaitForExitAsync();
            Assert.Equal(128 + Smollm3.KillNow, killed.ExitCode);
        }

        Assert.Single(_hub.Cache.Partials(FakeHub.Repository));
        Assert.Empty(_hub.Cache.Files());
        _hub.OnStorage = _ => Task.FromResult(false);

        Smollm3.Result next = await Smollm3.RunAsync([], _hub.Variables(), "pull", "owner/repo");

        Assert.Equal(0, next.ExitCode);
        Assert.Equal(file, await File.ReadAllBytesAsync(next.Text.Trim()));
        string range = _hub.Requests.Last(request => !request.IsHub).Range;
        int from = int.Parse(range["bytes=".Length..range.IndexOf('-')], CultureInfo.InvariantCulture);
        Assert.InRange(from, half, file.Length - 1);
        Assert.Equal(2, _hub.Fetches);
        Assert.Empty(_hub.Cache.Partials(FakeHub.Repository));
    }

    [Fact]
    public async Task Two_pulls_at_once_fetch_once()
    {
        var go = new TaskCompletionSource();
        _hub.OnStorage = async _ =>
        {
            await go.Task;
            return false;
        };
        using Process first = Start(), second = Start();
        Task<string>[] errors = [ErrorsAsync(first), ErrorsAsync(second)];
        string[] paths = await Task.WhenAll(first.StandardOutput.ReadToEndAsync(), second.StandardOutput.ReadToEndAsync());
        await Task.WhenAll(first.WaitForExitAsync(), second.WaitForExitAsync());

        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        Assert.Equal(paths[0], paths[1]);
        Assert.Equal(_hub.Files["tiny-Q4_K_M.gguf"], await File.ReadAllBytesAsync(paths[0].Trim()));
        Assert.Equal(1, _hub.Fetches);
        Assert.Contains("waiting for another process", string.Concat(await Task.WhenAll(errors)), StringComparison.Ordinal);

        // The one that waits says so, and then the other gets its bytes.
        async Task<string> ErrorsAsync(Process process)
        {
            string all = "";
            while (await process.StandardError.ReadLineAsync() is { } line)
            {
                all += line + "\n";
                if (line.Contains("waiting", StringComparison.Ordinal))
                {
                    go.TrySetResult();
                }
            }

            return all;
        }
    }

    private Process Start() => Smollm3.Start("dotnet", [Smollm3.Dll, "pull", "owner/repo"], _hub.Variables());
}
