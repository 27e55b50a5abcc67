using Microsoft.AspNetCore.Http;
using SmolLM3.Extensions.Models;

namespace SmolLM3.Extensions.Tests.Models;

public sealed class ModelHubTests : IAsyncLifetime
{
    private const string File4 = "model-Q4_K_M.gguf";

    private readonly RecordingLoggerFactory _logs = new();
    private FakeHub _hub = null!;

    public async ValueTask InitializeAsync() => _hub = await FakeHub.StartAsync(File4, "sub dir/model-Q8_0.gguf");

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task A_model_is_fetched_in_parts_into_the_cache_and_found_there_afterwards()
    {
        string path = await GetAsync();

        AssertWhole(path);
        Assert.Equal(5, _hub.Fetches);
        Assert.Equal(path, _hub.Cache.Find(TemporaryCache.Reference("owner/repo"))!.Path);
        Assert.Empty(_hub.Cache.Partials(FakeHub.Repository));
        int requests = _hub.Requests.Count;
        Assert.Equal(path, await GetAsync());
        Assert.Equal(requests, _hub.Requests.Count);
    }

    [Fact]
    public async Task A_quantization_and_a_file_in_a_folder_are_fetched_by_name()
    {
        Assert.EndsWith("model-Q8_0.gguf", await GetAsync("owner/repo:Q8_0"), StringComparison.Ordinal);
        Assert.Contains(_hub.Requests, request => request.Path.EndsWith("sub dir/model-Q8_0.gguf", StringComparison.Ordinal));
        Assert.Equal(5, _hub.Fetches);
        await GetAsync("owner/repo/sub dir/model-Q8_0.gguf");
        Assert.Equal(5, _hub.Fetches);
    }

    [Fact]
    public async Task The_newest_is_asked_for_where_it_is_wanted_and_nothing_is_fetched_twice()
    {
        await GetAsync();
        int fetches = _hub.Fetches;
        string commit = new('d', 40);
        _hub.OnListing = json => json.Replace(FakeHub.Commit, commit, StringComparison.Ordinal);
        string newest = await GetAsync(isNewest: true);
        Assert.Contains(commit, newest, StringComparison.Ordinal);
        AssertWhole(newest);
        Assert.Equal(fetches, _hub.Fetches);
        Assert.Equal(newest, await GetAsync());
    }

    [Fact]
    public async Task The_token_goes_to_the_hub_and_to_nobody_else()
    {
        await GetAsync(settings: _hub.Settings with { Token = "hf_secret" });
        Assert.All(_hub.Requests, request => Assert.Equal(request.IsHub ? "Bearer hf_secret" : "", request.Token));
        Assert.Contains(_hub.Requests, request => !request.IsHub);
    }

    [Fact]
    public async Task The_token_follows_a_repository_that_moved_within_the_hub()
    {
        _hub.OnHub = context =>
        {
            bool moved = context.Request.Path.Value!.Contains("/old/", StringComparison.Ordinal);
            if (moved)
            {
                context.Response.StatusCode = 307;
                context.Response.Headers.Location =
                    context.Request.Path.Value.Replace("/old/", "/owner/", StringComparison.Ordinal)
                    + context.Request.QueryString;
            }

            return Task.FromResult(moved);
        };
        AssertWhole(await GetAsync("old/repo", settings: _hub.Settings with { Token = "t" }));
        Assert.All(_hub.Requests.Where(request => request.IsHub), request => Assert.Equal("Bearer t", request.Token));
    }

    [Fact]
    public async Task Progress_ends_at_the_whole_and_the_log_counts_tenths()
    {
        List<ModelDownloadProgress> seen = [];
        await GetAsync(progress: new Listener(seen));

        Assert.Equal(ModelDownloadStage.Downloading, seen[0].Stage);
        Assert.Contains(seen, step => step.Stage == ModelDownloadStage.Verifying && step.Bytes == 450_000);
        Assert.Equal(new("owner/repo/" + File4, ModelDownloadStage.Done, 450_000, 450_000), seen[^1]);
        Assert.Contains(_logs.Entries, entry => entry.Message.StartsWith("Downloading owner/repo/", StringComparison.Ordinal));
        Assert.Contains(_logs.Entries, entry => entry.Message == $"Downloaded 100 % of owner/repo/{File4}");
    }

    [Fact]
    public async Task Two_who_want_the_same_fetch_it_once()
    {
        Task<string>[] both = [Task.Run(() => GetAsync()), Task.Run(() => GetAsync())];
        string[] paths = await Task.WhenAll(both);
        Assert.Equal(paths[0], paths[1]);
        Assert.Equal(5, _hub.Fetches);
    }

    [Fact]
    public async Task Who_finds_the_lock_taken_waits_says_so_and_can_give_up()
    {
        string lockPath = _hub.Cache.Lock(FakeHub.Repository, FakeHub.Id(_hub.Files[File4]));
        List<ModelDownloadProgress> seen = [];
        using CancellationTokenSource source = new();
        using (FileLock other = FileLock.TryTake(lockPath)!)
        {
            Task<string> waiting = GetAsync(
                progress: new Listener(seen, _ => source.Cancel()), cancellationToken: source.Token);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        }

        Assert.Equal(ModelDownloadStage.Waiting, Assert.Single(seen).Stage);
        Assert.Equal(0, _hub.Fetches);
        AssertWhole(await GetAsync());
    }

    [Fact]
    public async Task A_small_file_outside_of_LFS_is_checked_by_what_git_calls_it()
    {
        byte[] bytes = _hub.Files[File4];
        string id = Convert.ToHexStringLower(System.Security.Cryptography.SHA1.HashData(
            [.. System.Text.Encoding.ASCII.GetBytes($"blob {bytes.Length}\0"), .. bytes]));
        _hub.OnHub = context =>
        {
            bool isFile = context.Request.Path.Value!.EndsWith(File4, StringComparison.Ordinal);
            return isFile ? SendAsync(context) : Task.FromResult(false);

            async Task<bool> SendAsync(HttpContext context)
            {
                await FakeHub.SendAsync(context, bytes, part: true);
                return true;
            }
        };
        _hub.OnListing = _ =>
            $$"""{"sha":"{{FakeHub.Commit}}","siblings":[{"rfilename":"{{File4}}","size":{{bytes.Length}},"blobId":"{{id}}"}]}""";
        AssertWhole(await GetAsync());
        Assert.True(File.Exists(_hub.Cache.Blob(FakeHub.Repository, id)));
    }

    [Fact]
    public async Task Where_the_newest_is_here_nothing_is_written()
    {
        string path = await GetAsync();
        Directory.Delete(Path.Combine(_hub.Cache.Root, ".locks"), recursive: true);
        string[] before = Entries();
        Assert.Equal(path, await GetAsync(isNewest: true));
        Assert.Equal(path, await GetAsync());
        Assert.Equal(before, Entries());

        // Another tool had fetched it as an older commit's.
        File.WriteAllText(_hub.Cache.Reference(FakeHub.Repository), new string('d', 40));
        Assert.Equal(path, await GetAsync(isNewest: true));
        Assert.Equal(FakeHub.Commit, File.ReadAllText(_hub.Cache.Reference(FakeHub.Repository)));

        string[] Entries() =>
        [
            .. new DirectoryInfo(_hub.Cache.Root).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
                .Select(entry => $"{entry.FullName} {entry.LastWriteTimeUtc:O}").Order(StringComparer.Ordinal),
        ];
    }

    [Fact]
    public async Task Without_links_where_none_are_wanted()
    {
        string path = await GetAsync(settings: _hub.Settings with { MayLink = false });
        Assert.Null(new FileInfo(path).LinkTarget);
        AssertWhole(path);
    }

    private void AssertWhole(string path) => Assert.Equal(_hub.Files[File4], File.ReadAllBytes(path));

    private Task<string> GetAsync(
        string model = "owner/repo",
        bool isNewest = false,
        HubSettings? settings = null,
        IProgress<ModelDownloadProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        new ModelHub(settings ?? _hub.Settings, _logs).GetAsync(
            TemporaryCache.Reference(model), mayDownload: true, isNewest, progress, cancellationToken);

    private sealed class Listener(
        List<ModelDownloadProgress> seen, Action<ModelDownloadProgress>? also = null) : IProgress<ModelDownloadProgress>
    {
        public void Report(ModelDownloadProgress value)
        {
            seen.Add(value);
            also?.Invoke(value);
        }
    }
}
