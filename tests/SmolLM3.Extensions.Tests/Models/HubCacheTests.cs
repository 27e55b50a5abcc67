using SmolLM3.Extensions.Models;
using static SmolLM3.Extensions.Tests.Models.TemporaryCache;

namespace SmolLM3.Extensions.Tests.Models;

public sealed class HubCacheTests : IDisposable
{
    private readonly TemporaryCache _folder = new();

    private HubCache Cache => _folder.Cache;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_empty_or_missing_cache_has_nothing()
    {
        Assert.Empty(Cache.Files());
        HubCache none = new(Path.Combine(Cache.Root, "none"));
        Assert.Empty(none.Files());
        Assert.Null(none.Find(Reference("owner/repo")));
    }

    [Fact]
    public void What_another_tool_fetched_is_found_by_quantization_and_by_name()
    {
        string q4 = _folder.Add("model-Q4_K_M.gguf", "four");
        string q8 = _folder.Add("sub/model-Q8_0.gguf", "eight", link: false);
        _folder.Add("README.md", "text");

        CachedFile found = Cache.Find(Reference("owner/repo"))!;
        Assert.Equal(new(Repository, "model-Q4_K_M.gguf", Commit('a'), q4, 4), found);
        Assert.Equal(q8, Cache.Find(Reference("owner/repo:Q8_0"))!.Path);
        Assert.Equal(q8, Cache.Find(Reference("owner/repo/sub/model-Q8_0.gguf"))!.Path);
        Assert.Null(Cache.Find(Reference("owner/repo:F16")));
        Assert.Null(Cache.Find(Reference("owner/other")));
        Assert.Equal(["model-Q4_K_M.gguf", "sub/model-Q8_0.gguf"], Cache.Files().Select(file => file.Name));
    }

    [Fact]
    public void The_branchs_commit_comes_first_and_others_fill_in()
    {
        _folder.Add("model-Q4_K_M.gguf", "old", 'a');
        string main = _folder.Add("model-Q4_K_M.gguf", "main", 'b');
        _folder.Add("model-Q4_K_M.gguf", "side", 'c');
        string only = _folder.Add("model-Q8_0.gguf", "only here", 'a');
        _folder.SetMain('b');

        Assert.Equal(main, Cache.Find(Reference("owner/repo"))!.Path);
        Assert.Equal(only, Cache.Find(Reference("owner/repo:Q8_0"))!.Path);
        Assert.Equal([main, only], Cache.Files().Select(file => file.Path));
    }

    [Fact]
    public void A_link_whose_bytes_are_gone_is_no_file()
    {
        string path = _folder.Add("model-Q4_K_M.gguf", "gone");
        File.Delete(HubCache.Target(path).FullName);
        Assert.Null(Cache.Find(Reference("owner/repo")));
    }

    [Fact]
    public void A_file_is_placed_as_huggingface_hub_places_it()
    {
        HubFile file = File1();
        string path = new CacheWriter(Cache).Place(file, Fetched(file));

        Assert.Equal(path, Cache.Find(Reference("owner/repo"))!.Path);
        Assert.Equal($"../../../blobs/{file.Id}", new FileInfo(path).LinkTarget!.Replace('\\', '/'));
        Assert.Equal("bytes", File.ReadAllText(Cache.Blob(Repository, file.Id)));
        Assert.Equal(Commit('a'), File.ReadAllText(Cache.Reference(Repository)));

        HubFile again = file with { Commit = Commit('b') };
        string second = new CacheWriter(Cache).Place(again, fetched: null);
        Assert.Equal("bytes", File.ReadAllText(second));
        Assert.Equal(second, Cache.Find(Reference("owner/repo"))!.Path);
    }

    [Fact]
    public void Where_links_are_not_to_be_had_the_bytes_lie_in_the_snapshot()
    {
        HubFile file = File1();
        CacheWriter writer = new(Cache) { CreateLink = (_, _) => throw new UnauthorizedAccessException() };
        string path = writer.Place(file, Fetched(file));
        Assert.Null(new FileInfo(path).LinkTarget);
        Assert.Equal("bytes", File.ReadAllText(path));
        Assert.Empty(Directory.GetFiles(Cache.Blobs(Repository)));

        HubFile shared = file with { Commit = Commit('b') };
        File.WriteAllText(Cache.Blob(Repository, file.Id), "bytes");
        Assert.Equal("bytes", File.ReadAllText(writer.Place(shared, fetched: null)));
        Assert.Single(Directory.GetFiles(Cache.Blobs(Repository)));
    }

    [Fact]
    public void Removing_takes_the_bytes_only_when_nobody_links_to_them()
    {
        string shared = _folder.Add("model-Q4_K_M.gguf", "same");
        _folder.Add("model-Q4_K_M.gguf", "same", 'b');
        string other = _folder.Add("copy-Q8_0.gguf", "same");
        CacheWriter writer = new(Cache);

        (IReadOnlyList<CachedFile> files, long bytes) = writer.Remove(Reference("owner/repo"));
        Assert.Equal(2, files.Count);
        Assert.Equal(0, bytes);
        Assert.False(File.Exists(shared));
        Assert.Equal("same", File.ReadAllText(other));
        Assert.False(Directory.Exists(Path.Combine(Cache.SnapshotFolder(Repository), Commit('b'))));

        (files, bytes) = writer.Remove(Reference("owner/repo:Q8_0"));
        Assert.Equal((1, 4), (files.Count, bytes));
        Assert.False(Directory.Exists(Cache.Folder(Repository)));
        Assert.Empty(writer.Remove(Reference("owner/repo:Q8_0")).Files);
    }

    [Fact]
    public void Removing_leaves_other_files_and_downloads_in_progress()
    {
        _folder.Add("model-Q4_K_M.gguf", "four", link: false);
        string readme = _folder.Add("README.md", "text");
        string idle = Begin("model-Q4_K_M.gguf", '1'), busy = Begin("model-Q4_K_M.gguf", '2');
        long length = new FileInfo(idle).Length;
        using FileLock held = FileLock.TryTake(Cache.Lock(Repository, new('2', 64)))!;

        Assert.Equal(4 + length, new CacheWriter(Cache).Remove(Reference("owner/repo")).Bytes);
        Assert.True(File.Exists(readme));
        Assert.False(File.Exists(idle));
        Assert.True(File.Exists(busy));
    }

    [Fact]
    public void Removing_a_file_leaves_unfinished_downloads_of_others()
    {
        _folder.Add("model-Q8_0.gguf", "eight");
        string other = Begin("sub/model-Q4_K_M.gguf", '1'), own = Begin("model-Q8_0.gguf", '2');
        string foreign = Cache.Blob(Repository, new string('3', 64) + ".89abcdef.incomplete");
        File.WriteAllText(foreign, "12345");
        _folder.Add("model-F16.gguf", "half");
        CacheWriter writer = new(Cache);

        Assert.Single(writer.Remove(Reference("owner/repo:Q8_0")).Files);
        Assert.Equal((true, false, true), (File.Exists(other), File.Exists(own), File.Exists(foreign)));

        // Nothing but what another tool left is there: then that goes too.
        writer.Remove(Reference("owner/repo:F16"));
        Assert.Equal((true, false), (File.Exists(other), File.Exists(foreign)));
        Assert.Equal((0, 0), Count(writer.Remove(Reference("owner/repo:F16"))));
        (int files, long bytes) = Count(writer.Remove(Reference("owner/repo")));
        Assert.Equal((0, true), (files, bytes > 0));
        Assert.False(Directory.Exists(Cache.Folder(Repository)));

        static (int Files, long Bytes) Count((IReadOnlyList<CachedFile> Files, long Bytes) removed) =>
            (removed.Files.Count, removed.Bytes);
    }

    [Fact]
    public void A_download_of_another_tool_in_progress_stays()
    {
        _folder.Add("model-Q8_0.gguf", "eight");
        string foreign = Cache.Blob(Repository, new string('3', 64) + ".incomplete");
        File.WriteAllText(foreign, "12345");
        using FileLock held = FileLock.TryTake(Cache.Lock(Repository, new('3', 64)))!;
        new CacheWriter(Cache).Remove(Reference("owner/repo:Q8_0"));
        Assert.True(File.Exists(foreign));
    }

    [Fact]
    public void One_at_a_time_holds_a_lock()
    {
        string path = Cache.Lock(Repository, "id");
        using (FileLock held = FileLock.TryTake(path)!)
        {
            Assert.NotNull(held);
            Assert.Null(FileLock.TryTake(path));
        }

        using FileLock next = FileLock.TryTake(path)!;
        Assert.NotNull(next);
    }

    [Theory]
    [InlineData("model.gguf", true)]
    [InlineData("a/b c.gguf", true)]
    [InlineData("../model.gguf", false)]
    [InlineData("a/../../model.gguf", false)]
    [InlineData("/model.gguf", false)]
    [InlineData("a//b", false)]
    [InlineData("a/./b", false)]
    [InlineData(@"..\model.gguf", false)]
    [InlineData("C:model.gguf", false)]
    [InlineData("model.gguf:stream", false)]
    [InlineData("a\0b", false)]
    [InlineData("CON.gguf", false)]
    [InlineData("nul", false)]
    [InlineData("a/lpt1 .tar.gguf", false)]
    [InlineData("COM².gguf", false)]
    [InlineData("console.gguf", true)]
    [InlineData("com10.gguf", true)]
    [InlineData("", false)]
    public void Names_must_lead_into_their_folder(string name, bool isSafe) =>
        Assert.Equal(isSafe, HubNames.IsSafeFile(name));

    private static HubFile File1() =>
        new(Repository, Commit('a'), "sub/model-Q4_K_M.gguf", new string('0', 64), 5);

    /// <summary>What an unfinished download leaves.</summary>
    private string Begin(string name, char id)
    {
        string path = Cache.Partial(Repository, new(id, 64));
        PartialFile.Open(path, new(Repository, Commit('a'), name, new(id, 64), 5), segmentBytes: 2).Dispose();
        return path;
    }

    private string Fetched(HubFile file)
    {
        Directory.CreateDirectory(Cache.Blobs(Repository));
        string partial = Cache.Partial(file.Repository, file.Id);
        File.WriteAllText(partial, "bytes");
        return partial;
    }
}
