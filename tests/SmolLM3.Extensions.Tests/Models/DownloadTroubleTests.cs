using Microsoft.AspNetCore.Http;
using SmolLM3.Extensions.Models;

namespace SmolLM3.Extensions.Tests.Models;

/// <summary>A network, a hub and a disk that misbehave.</summary>
public sealed class DownloadTroubleTests : IAsyncLifetime, IProgress<ModelDownloadProgress>
{
    private const string File4 = "model-Q4_K_M.gguf";

    private readonly RecordingLoggerFactory _logs = new();
    private FakeHub _hub = null!;
    private readonly SemaphoreSlim _reported = new(0);
    private long _bytes;
    private int _calls;

    public async ValueTask InitializeAsync() => _hub = await FakeHub.StartAsync(File4);

    public ValueTask DisposeAsync()
    {
        _reported.Dispose();
        return _hub.DisposeAsync();
    }

    void IProgress<ModelDownloadProgress>.Report(ModelDownloadProgress value)
    {
        Volatile.Write(ref _bytes, value.Bytes);
        _reported.Release();
    }

    private byte[] Bytes => _hub.Files[File4];

    /// <summary>Bytes the next try finds.</summary>
    private long Kept
    {
        get
        {
            using PartialFile partial = PartialFile.Open(Partial, Described, _hub.Settings.SegmentBytes);
            return partial.Received;
        }
    }

    private string Partial => _hub.Cache.Partial(FakeHub.Repository, FakeHub.Id(Bytes));

    private HubFile Described => new(FakeHub.Repository, FakeHub.Commit, File4, FakeHub.Id(Bytes), Bytes.Length);

    [Fact]
    public async Task After_a_cut_it_goes_on_at_the_byte_it_was_cut_at()
    {
        OnStorage(call => call < 4, context => FakeHub.SendAsync(context, Bytes, part: true, most: 30_000, ArrivedAsync));
        AssertWhole(await GetAsync(connections: 1));
        Assert.Contains("bytes=30000-99999", _hub.Requests.Select(request => request.Range));
        Assert.Contains("bytes=90000-99999", _hub.Requests.Select(request => request.Range));
    }

    [Fact]
    public async Task What_came_before_the_hub_was_gone_is_kept_for_the_next_try()
    {
        OnStorage(call => call > 2, Abort);
        ModelDownloadException error = await FailAsync(ModelDownloadProblem.HubNotReachable, connections: 1);
        Assert.Contains("next try", error.Message, StringComparison.Ordinal);
        Assert.Equal(200_000, Kept);

        int before = _hub.Fetches;
        _hub.OnStorage = _ => Task.FromResult(false);
        AssertWhole(await GetAsync());
        Assert.Equal(3, _hub.Fetches - before);
    }

    [Fact]
    public async Task A_cancelled_download_keeps_what_came()
    {
        using CancellationTokenSource source = new();
        OnStorage(call => call == 3, async context =>
        {
            await source.CancelAsync();
            await Abort(context);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => GetAsync(connections: 1, source.Token));
        Assert.Equal(200_000, Kept);
        AssertWhole(await GetAsync());
    }

    [Fact]
    public async Task A_connection_that_says_nothing_counts_as_cut()
    {
        using SemaphoreSlim never = new(0);
        _hub.Time.IsFastThroughout = true;
        OnStorage(call => call == 1, async context =>
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes 0-99999/{Bytes.Length}";
            context.Response.ContentLength = 100_000;
            await context.Response.Body.WriteAsync(Bytes.AsMemory(0, 10_000));
            await context.Response.Body.FlushAsync();
            await never.WaitAsync(context.RequestAborted);
        });
        AssertWhole(await GetAsync(connections: 1));
        Assert.Contains("bytes=10000-99999", _hub.Requests.Select(request => request.Range));
        Assert.Contains(_logs.Entries, entry => entry.Message.Contains("nothing came for 30", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_without_parts_gives_the_whole_over_one_connection()
    {
        _hub.GivesParts = false;
        AssertWhole(await GetAsync());
        Assert.Equal(1, _hub.Fetches);
    }

    [Fact]
    public async Task A_server_without_parts_that_cuts_is_asked_again()
    {
        _hub.GivesParts = false;
        OnStorage(call => call == 1, context => FakeHub.SendAsync(context, Bytes, part: false, most: 250_000));
        AssertWhole(await GetAsync());
        Assert.Equal(2, _hub.Fetches);
    }

    [Fact]
    public async Task A_part_that_is_shorter_than_it_says_is_asked_for_again()
    {
        OnStorage(call => call == 1, async context =>
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes 0-99999/{Bytes.Length}";
            await context.Response.Body.WriteAsync(Bytes.AsMemory(0, 60_000));
        });
        AssertWhole(await GetAsync(connections: 1));
        Assert.Contains("bytes=60000-99999", _hub.Requests.Select(request => request.Range));
    }

    [Theory]
    [InlineData(450_001L, 0)]
    [InlineData(null, 7)]
    public async Task A_part_of_another_length_or_place_is_refused(long? total, int shift)
    {
        OnStorage(_ => true, context => FakeHub.SendAsync(context, Bytes, part: true, total: total, shift: shift));
        ModelDownloadException error = await FailAsync(ModelDownloadProblem.HubFailed);
        Assert.Contains("contradict", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, Kept);
    }

    [Fact]
    public async Task A_whole_of_another_length_than_listed_is_refused()
    {
        OnStorage(_ => true, context => FakeHub.SendAsync(context, Bytes[..400_000], part: false));
        await FailAsync(ModelDownloadProblem.HubFailed);
    }

    [Fact]
    public async Task Damaged_bytes_are_noticed_and_dropped()
    {
        byte[] damaged = [.. Bytes];
        damaged[333_333] ^= 1;
        OnStorage(_ => true, context => FakeHub.SendAsync(context, damaged, part: true));
        ModelDownloadException error = await FailAsync(ModelDownloadProblem.Damaged);
        Assert.Contains(FakeHub.Id(Bytes), error.Message, StringComparison.Ordinal);
        Assert.Empty(_hub.Cache.Partials(FakeHub.Repository));
        Assert.Empty(_hub.Cache.Files());
        _hub.OnStorage = _ => Task.FromResult(false);
        AssertWhole(await GetAsync());
    }

    [Fact]
    public async Task A_whole_after_parts_is_not_written_over_what_others_write()
    {
        byte[] other = [.. Bytes.Select(value => (byte)~value)];
        OnStorage(_ => true, context =>
        {
            if (context.Request.Headers.IfRange == "\"old\"")
            {
                return FakeHub.SendAsync(context, other, part: false);
            }

            return FakeHub.SendAsync(context, Bytes, part: true, tag: _calls == 1 ? "old" : "new");
        });
        AssertWhole(await GetAsync());
        Assert.Contains(_logs.Entries, entry => entry.Message.Contains("now all of it", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(429, "Retry-After", "7", 7)]
    [InlineData(503, "Retry-After", "3", 3)]
    [InlineData(429, "RateLimit", "\"resolvers\";r=0;t=55", 56)]
    public async Task Who_is_asked_to_wait_waits_that_long(int status, string header, string value, int seconds)
    {
        _hub.Time.IsFastThroughout = true;
        OnStorage(call => call == 2, context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers[header] = value;
            return Task.CompletedTask;
        });
        AssertWhole(await GetAsync());
        Assert.Contains(TimeSpan.FromSeconds(seconds), _hub.Time.Waits);
    }

    [Fact]
    public async Task Who_is_asked_to_wait_too_long_says_so_at_once()
    {
        OnHub(context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "600";
        });
        ModelDownloadException error = await FailAsync(ModelDownloadProblem.HubFailed);
        Assert.Contains("600 seconds", error.Message, StringComparison.Ordinal);
        Assert.Single(_hub.Requests);
    }

    [Fact]
    public async Task Who_is_asked_to_wait_again_and_again_gives_up()
    {
        _hub.Time.IsFastThroughout = true;
        OnHub(context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "50";
        });
        await FailAsync(ModelDownloadProblem.HubFailed);
        Assert.Equal(3, _hub.Requests.Count);
    }

    [Fact]
    public async Task Attempts_before_the_first_byte_come_later_and_later_and_end_soon()
    {
        OnHub(context => context.Response.StatusCode = 502);
        await FailAsync(ModelDownloadProblem.HubFailed);
        Assert.Equal(5, _hub.Requests.Count);
        TimeSpan[] waits = [.. _hub.Time.Waits.Where(wait => wait < _hub.Settings.StallTimeout)];
        Assert.Equal(4, waits.Length);
        Assert.Equal(waits.Order(), waits);
        Assert.InRange(waits[^1].TotalSeconds, 3, 4);
    }

    [Fact]
    public async Task After_the_first_byte_an_outage_of_a_minute_is_waited_for()
    {
        OnStorage(call => call is > 2 and < 12, Abort);
        AssertWhole(await GetAsync(connections: 1));
        TimeSpan[] waits = [.. _hub.Time.Waits.Where(wait => wait < _hub.Settings.StallTimeout)];
        Assert.InRange(waits.Sum(wait => wait.TotalSeconds), 56, 76);
        Assert.All(waits, wait => Assert.True(wait <= _hub.Settings.LongestPause));
    }

    [Fact]
    public async Task After_the_first_byte_an_outage_of_two_minutes_ends_it()
    {
        OnStorage(call => call > 2, Abort);
        await FailAsync(ModelDownloadProblem.HubNotReachable, connections: 1);
        double waited = _hub.Time.Waits.Where(wait => wait < _hub.Settings.StallTimeout).Sum(wait => wait.TotalSeconds);
        Assert.InRange(waited, 90, 120);
    }

    [Fact]
    public async Task An_address_that_expired_is_asked_for_anew()
    {
        OnStorage(call => call == 2, context =>
        {
            context.Response.StatusCode = 403;
            return Task.CompletedTask;
        });
        AssertWhole(await GetAsync());
    }

    [Fact]
    public async Task A_full_disk_is_known_beforehand_with_both_numbers()
    {
        ModelDownloadException error = await FailAsync(
            ModelDownloadProblem.DiskFull, settings: _hub.Settings with { FreeBytes = _ => 449_999 });
        Assert.Contains("450,000", error.Message, StringComparison.Ordinal);
        Assert.Contains("449,999", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, _hub.Fetches);
        Assert.Empty(_hub.Cache.Partials(FakeHub.Repository));
    }

    [Fact]
    public async Task Where_a_file_takes_its_whole_length_at_once_that_is_not_asked_for_again()
    {
        HubSettings settings = _hub.Settings with
        {
            Connections = 1, FreeBytes = _ => new FileInfo(Partial) is { Exists: true, Length: > 0 } ? 0 : Bytes.Length,
        };
        OnStorage(call => call > 2, Abort);
        await FailAsync(ModelDownloadProblem.HubNotReachable, connections: 1, settings);
        _hub.OnStorage = _ => Task.FromResult(false);
        AssertWhole(await GetAsync(settings));
    }

    [Fact]
    public async Task What_came_is_kept_where_the_file_got_another_name()
    {
        OnStorage(call => call > 2, Abort);
        await FailAsync(ModelDownloadProblem.HubNotReachable, connections: 1);
        using PartialFile renamed = PartialFile.Open(
            Partial, Described with { Name = "sub/" + File4 }, _hub.Settings.SegmentBytes);
        Assert.Equal(200_000, renamed.Received);
    }

    [Fact]
    public void A_disk_that_is_full_says_so_by_an_error_that_is_known()
    {
        if (File.Exists("/dev/full"))
        {
            using FileStream full = new("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            Assert.True(FreeDisk.IsFull(Assert.ThrowsAny<IOException>(() => full.WriteByte(1))));
        }

        Assert.False(FreeDisk.IsFull(new IOException("other")));
        Assert.True(FreeDisk.IsFull(new IOException("a quota on Linux", 122)));
        Assert.True(FreeDisk.IsFull(new IOException("a quota on macOS", 69)));
        Assert.True(FreeDisk.IsFull(new IOException("a quota on Windows", unchecked((int)0x8007050F))));
        Assert.True(FreeDisk.Measure(Path.GetTempPath()) > 0);
    }

    [Fact]
    public async Task Nobody_at_the_address_is_said_to_be_so()
    {
        ModelDownloadException error = await FailAsync(
            ModelDownloadProblem.HubNotReachable, settings: _hub.Settings with { Endpoint = "http://127.0.0.1:1" });
        Assert.Contains("http://127.0.0.1:1", error.Message, StringComparison.Ordinal);
        Assert.Contains("HTTPS_PROXY", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cache_that_cannot_be_written_is_named()
    {
        string cache = Path.Combine(_hub.Settings.Cache, "file");
        File.WriteAllText(cache, "no folder");
        ModelDownloadException error = await FailAsync(
            ModelDownloadProblem.CacheNotUsable, settings: _hub.Settings with { Cache = cache });
        Assert.Contains(cache, error.Message, StringComparison.Ordinal);
        Assert.Contains("HF_HUB_CACHE", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.InnerException);
    }

    private static Task Abort(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    private async Task ArrivedAsync(int bytes)
    {
        while (Volatile.Read(ref _bytes) < bytes)
        {
            await _reported.WaitAsync();
        }
    }

    private void AssertWhole(string path) => Assert.Equal(Bytes, File.ReadAllBytes(path));

    private void OnStorage(Func<int, bool> isMine, Func<HttpContext, Task> answer) => _hub.OnStorage = async context =>
    {
        bool mine = isMine(Interlocked.Increment(ref _calls));
        if (mine)
        {
            await answer(context);
        }

        return mine;
    };

    private void OnHub(Action<HttpContext> answer) => _hub.OnHub = context =>
    {
        answer(context);
        return Task.FromResult(true);
    };

    private Task<string> GetAsync(int connections = 4, CancellationToken cancellationToken = default) =>
        GetAsync(_hub.Settings with { Connections = connections }, cancellationToken);

    private Task<string> GetAsync(HubSettings settings, CancellationToken cancellationToken = default) =>
        new ModelHub(settings, _logs).GetAsync(
            TemporaryCache.Reference("owner/repo"), mayDownload: true, isNewest: false, this, cancellationToken);

    private async Task<ModelDownloadException> FailAsync(
        ModelDownloadProblem problem, int connections = 4, HubSettings? settings = null)
    {
        ModelDownloadException error = await Assert.ThrowsAsync<ModelDownloadException>(
            () => GetAsync((settings ?? _hub.Settings) with { Connections = connections }));
        Assert.Equal(problem, error.Problem);
        return error;
    }
}
