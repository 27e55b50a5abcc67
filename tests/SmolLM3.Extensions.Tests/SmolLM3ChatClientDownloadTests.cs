using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using SmolLM3.Extensions.Loading;
using SmolLM3.Extensions.Models;
using SmolLM3.Extensions.Tests.Models;

namespace SmolLM3.Extensions.Tests;

/// <summary>A client whose model comes from the hub at first use.</summary>
public sealed class SmolLM3ChatClientDownloadTests : IAsyncLifetime
{
    private readonly ModelPool _pool = new();
    private FakeHub _hub = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await FakeHub.StartAsync();
        _hub.Files["tiny-Q4_K_M.gguf"] =
            await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "smollm3-tiny.gguf"));
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task The_first_request_fetches_the_model_and_others_wait_for_it()
    {
        List<ModelDownloadProgress> seen = [];
        SmolLM3Options options = Options();
        options.ReportDownload(new Listener(seen));
        await using SmolLM3ChatClient client = Client(options);
        Assert.Equal("owner/repo", client.GetService<ChatClientMetadata>()!.DefaultModelId);
        Assert.Empty(_hub.Requests);

        ChatOptions greedy = new() { Temperature = 0, ModelId = "owner/repo" };
        ChatResponse[] answers = await Task.WhenAll(
            Enumerable.Range(0, 3).Select(_ => client.GetResponseAsync("Hello!", greedy)));
        Assert.All(answers, answer => Assert.NotEqual("", answer.Text));
        Assert.Equal("owner/repo", answers[0].ModelId);
        Assert.Single(_hub.Requests, request => request.Path.StartsWith("/api/", StringComparison.Ordinal));
        Assert.Equal(ModelDownloadStage.Done, seen[^1].Stage);
    }

    [Fact]
    public async Task A_download_that_failed_is_tried_again_by_the_next_request()
    {
        _hub.OnHub = context =>
        {
            context.Response.StatusCode = 401;
            return Task.FromResult(true);
        };
        await using SmolLM3ChatClient client = Client(Options());
        ModelDownloadException error =
            await Assert.ThrowsAsync<ModelDownloadException>(() => client.GetResponseAsync("Hello!"));
        Assert.Equal(ModelDownloadProblem.AccessDenied, error.Problem);
        _hub.OnHub = _ => Task.FromResult(false);
        Assert.NotEqual("", (await client.GetResponseAsync("Hello!")).Text);
    }

    [Fact]
    public async Task Giving_up_ends_the_download_and_another_model_does_not_wait_for_it()
    {
        (Task begun, Task ended) = HoldDownloads();
        await using SmolLM3ChatClient client = Client(Options());
        using CancellationTokenSource source = new();
        Task<ChatResponse> waiting = client.GetResponseAsync("Hello!", cancellationToken: source.Token);
        await begun;

        SmolLM3Options local = new() { Model = Path.Combine(AppContext.BaseDirectory, "smollm3-tiny.gguf") };
        await using SmolLM3ChatClient other = Client(local);
        Assert.NotEqual("", (await other.GetResponseAsync("Hello!")).Text);

        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await ended;
        _hub.OnStorage = _ => Task.FromResult(false);
        Assert.NotEqual("", (await client.GetResponseAsync("Hello!")).Text);
    }

    [Fact]
    public async Task Disposing_ends_the_download()
    {
        (Task begun, Task ended) = HoldDownloads();
        SmolLM3ChatClient client = Client(Options());
        Task<ChatResponse> waiting = client.GetResponseAsync("Hello!");
        await begun;
        await client.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        await ended;
    }

    [Fact]
    public async Task Without_downloads_nothing_is_asked()
    {
        SmolLM3Options options = Options();
        options.AllowDownload = false;
        await using SmolLM3ChatClient client = Client(options);
        ModelDownloadException error = await Assert.ThrowsAsync<ModelDownloadException>(() => client.LoadAsync());
        Assert.Equal(ModelDownloadProblem.Offline, error.Problem);
        Assert.Empty(_hub.Requests);
    }

    [Fact]
    public async Task The_default_is_the_instruct_model_of_the_catalogue()
    {
        SmolLM3Options options = new SmolLM3Options().UseHub(_hub.Settings);
        await using SmolLM3ChatClient client = Client(options);
        Assert.Equal("HuggingFaceTB/SmolLM3-3B", client.GetService<ChatClientMetadata>()!.DefaultModelId);
        await Assert.ThrowsAsync<ModelDownloadException>(() => client.LoadAsync());
        Assert.StartsWith("/api/models/ggml-org/SmolLM3-3B-GGUF/", Assert.Single(_hub.Requests).Path, StringComparison.Ordinal);
    }

    private SmolLM3Options Options() => new SmolLM3Options { Model = "owner/repo" }.UseHub(_hub.Settings);

    private SmolLM3ChatClient Client(SmolLM3Options options) => new(
        options, _pool, ManagedEngineFactory.Instance, new RecordingLoggerFactory(), TimeProvider.System);

    /// <summary>Storage answers nothing until its caller hangs up; both moments are told.</summary>
    private (Task Begun, Task Ended) HoldDownloads()
    {
        TaskCompletionSource ended = new(), begun = new();
        _hub.OnStorage = async context =>
        {
            using CancellationTokenRegistration told = context.RequestAborted.Register(() => ended.TrySetResult());
            begun.TrySetResult();
            await ended.Task;
            return true;
        };
        return (begun.Task, ended.Task);
    }

    private sealed class Listener(List<ModelDownloadProgress> seen) : IProgress<ModelDownloadProgress>
    {
        public void Report(ModelDownloadProgress value) => seen.Add(value);
    }
}
