using Microsoft.AspNetCore.Http;
using SmolLM3.Extensions.Models;

namespace SmolLM3.Extensions.Tests.Models;

/// <summary>One file fetched from a hub that tests put themselves in the way of.</summary>
public abstract class DownloadTests : IAsyncLifetime, IProgress<ModelDownloadProgress>
{
    private protected const string File4 = "model-Q4_K_M.gguf";

    private readonly SemaphoreSlim _reported = new(0);
    private long _bytes;
    private int _calls;

    private protected RecordingLoggerFactory Logs { get; } = new();

    private protected FakeHub Hub { get; private set; } = null!;

    /// <summary>Requests the storage had so far.</summary>
    private protected int Calls => Volatile.Read(ref _calls);

    public async ValueTask InitializeAsync() => Hub = await FakeHub.StartAsync(File4);

    public ValueTask DisposeAsync()
    {
        _reported.Dispose();
        return Hub.DisposeAsync();
    }

    void IProgress<ModelDownloadProgress>.Report(ModelDownloadProgress value)
    {
        Volatile.Write(ref _bytes, value.Bytes);
        _reported.Release();
    }

    private protected byte[] Bytes => Hub.Files[File4];

    /// <summary>Bytes the next try finds.</summary>
    private protected long Kept
    {
        get
        {
            using PartialFile partial = PartialFile.Open(Partial, Described, Hub.Settings.SegmentBytes);
            return partial.Received;
        }
    }

    private protected string Partial => Hub.Cache.Partial(FakeHub.Repository, FakeHub.Id(Bytes));

    private protected HubFile Described => new(FakeHub.Repository, FakeHub.Commit, File4, FakeHub.Id(Bytes), Bytes.Length);

    private protected static Task Abort(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    private protected async Task ArrivedAsync(int bytes)
    {
        while (Volatile.Read(ref _bytes) < bytes)
        {
            await _reported.WaitAsync();
        }
    }

    private protected void AssertWhole(string path) => Assert.Equal(Bytes, File.ReadAllBytes(path));

    private protected void OnStorage(Func<int, bool> isMine, Func<HttpContext, Task> answer) => Hub.OnStorage = async context =>
    {
        bool mine = isMine(Interlocked.Increment(ref _calls));
        if (mine)
        {
            await answer(context);
        }

        return mine;
    };

    private protected void OnHub(Action<HttpContext> answer) => Hub.OnHub = context =>
    {
        answer(context);
        return Task.FromResult(true);
    };

    private protected Task<string> GetAsync(int connections = 4, CancellationToken cancellationToken = default) =>
        GetAsync(Hub.Settings with { Connections = connections }, cancellationToken);

    private protected Task<string> GetAsync(HubSettings settings, CancellationToken cancellationToken = default) =>
        new ModelHub(settings, Logs).GetAsync(
            TemporaryCache.Reference("owner/repo"), mayDownload: true, isNewest: false, this, cancellationToken);

    private protected async Task<ModelDownloadException> FailAsync(
        ModelDownloadProblem problem, int connections = 4, HubSettings? settings = null)
    {
        ModelDownloadException error = await Assert.ThrowsAsync<ModelDownloadException>(
            () => GetAsync((settings ?? Hub.Settings) with { Connections = connections }));
        Assert.Equal(problem, error.Problem);
        return error;
    }
}
