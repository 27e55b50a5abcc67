using SmolLM3.Extensions.Models;

namespace SmolLM3.Extensions.Tests.Models;

/// <summary>A disk without room, and a folder that is none.</summary>
public sealed class DownloadDiskTests : DownloadTests
{
    [Fact]
    public async Task A_full_disk_is_known_beforehand_with_both_numbers()
    {
        ModelDownloadException error = await FailAsync(
            ModelDownloadProblem.DiskFull, settings: Hub.Settings with { FreeBytes = _ => 449_999 });
        Assert.Contains("450,000", error.Message, StringComparison.Ordinal);
        Assert.Contains("449,999", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, Hub.Fetches);
        Assert.Empty(Hub.Cache.Partials(FakeHub.Repository));
    }

    [Fact]
    public async Task Where_a_file_takes_its_whole_length_at_once_that_is_not_asked_for_again()
    {
        HubSettings settings = Hub.Settings with
        {
            Connections = 1, FreeBytes = _ => new FileInfo(Partial) is { Exists: true, Length: > 0 } ? 0 : Bytes.Length,
        };
        OnStorage(call => call > 2, Abort);
        await FailAsync(ModelDownloadProblem.HubNotReachable, connections: 1, settings);
        Hub.OnStorage = _ => Task.FromResult(false);
        AssertWhole(await GetAsync(settings));
    }

    [Fact]
    public async Task What_came_is_kept_where_the_file_got_another_name()
    {
        OnStorage(call => call > 2, Abort);
        await FailAsync(ModelDownloadProblem.HubNotReachable, connections: 1);
        using PartialFile renamed = PartialFile.Open(
            Partial, Described with { Name = "sub/" + File4 }, Hub.Settings.SegmentBytes);
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
    public async Task A_cache_that_cannot_be_written_is_named()
    {
        string cache = Path.Combine(Hub.Settings.Cache, "file");
        File.WriteAllText(cache, "no folder");
        ModelDownloadException error = await FailAsync(
            ModelDownloadProblem.CacheNotUsable, settings: Hub.Settings with { Cache = cache });
        Assert.Contains(cache, error.Message, StringComparison.Ordinal);
        Assert.Contains("HF_HUB_CACHE", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.InnerException);
    }
}
