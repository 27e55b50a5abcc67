namespace SmolLM3.Extensions.Models;

/// <summary>
/// The cache of huggingface_hub: what either tool fetched, the other finds.
/// <code>
/// models--owner--repo/blobs/{id}                     the bytes, under their hash
///                     refs/main                      the commit that was newest when somebody looked
///                     snapshots/{commit}/{file}      a link to the bytes, or they themselves where links are not to be had
/// .locks/models--owner--repo/{id}.lock               held while {id} is fetched
/// </code>
/// </summary>
/// <param name="root">Its folder, which need not be there.</param>
internal sealed class HubCache(string root)
{
    private const string Prefix = "models--";

    /// <summary>The branch whose newest commit is meant.</summary>
    public const string Branch = "main";

    private const string PartialEnd = ".part";
    private const string OtherPartialEnd = ".incomplete";

    private const string Models = "*.gguf";

    private static readonly EnumerationOptions s_deep = new() { RecurseSubdirectories = true };

    public string Root => root;

    /// <summary>Every GGUF file in it, by repository and name; of a file in several commits, the newest.</summary>
    public IReadOnlyList<CachedFile> Files() =>
    [
        .. Repositories()
            .SelectMany(repository => Files(repository).DistinctBy(file => file.Name))
            .OrderBy(file => file.Repository, StringComparer.OrdinalIgnoreCase)
            .ThenBy(file => file.Name, StringComparer.OrdinalIgnoreCase),
    ];

    /// <summary>The GGUF files of a repository in all commits, those of the newest commit first.</summary>
    public IEnumerable<CachedFile> Files(string repository) =>
        Snapshots(repository).SelectMany(folder => Files(repository, folder));

    /// <summary>The file that is meant, of the newest commit that has it; null: none has.</summary>
    /// <param name="reference">What is meant.</param>
    /// <param name="isAll">Whether nothing but the cache will be asked, so that the only file in a commit will do where
    /// nobody said which.</param>
    public CachedFile? Find(ModelReference reference, bool isAll = false)
    {
        string pattern = reference.File is { } file ? Path.GetFileName(file) : Models;
        foreach (string folder in Snapshots(reference.Repository))
        {
            CachedFile[] files = [.. Files(reference.Repository, folder, pattern)];
            if (reference.Choose(files.Select(file => file.Name), isAll) is { } name)
            {
                return Array.Find(files, file => file.Name == name);
            }
        }

        return null;
    }

    public string Folder(string repository) =>
        Path.Combine(root, Prefix + repository.Replace("/", "--", StringComparison.Ordinal));

    public string Blobs(string repository) => Path.Combine(Folder(repository), "blobs");

    public string Blob(string repository, string id) => Path.Combine(Blobs(repository), id);

    /// <summary>What is there of a blob so far. Not huggingface_hub's <c>.incomplete</c>, which has no holes.</summary>
    public string Partial(string repository, string id) => Blob(repository, id) + PartialEnd;

    /// <summary>What unfinished downloads left in a repository, those of huggingface_hub included.</summary>
    public IEnumerable<FileInfo> Partials(string repository) => !Directory.Exists(Blobs(repository))
        ? []
        : new DirectoryInfo(Blobs(repository)).EnumerateFiles()
            .Where(file => file.Extension is PartialEnd or OtherPartialEnd);

    public string Reference(string repository) => Path.Combine(Folder(repository), "refs", Branch);

    /// <summary>The commit that was the branch's newest when somebody looked; empty: nobody did.</summary>
    public string Newest(string repository) =>
        Reference(repository) is var path && File.Exists(path) ? File.ReadAllText(path).Trim() : "";

    public string SnapshotFolder(string repository) => Path.Combine(Folder(repository), "snapshots");

    public string Snapshot(string repository, string commit, string file) =>
        Path.Combine([SnapshotFolder(repository), commit, .. file.Split('/')]);

    public string Lock(string repository, string id) => Path.Combine(Locks(repository), id + ".lock");

    public string Locks(string repository) => Path.Combine(root, ".locks", Path.GetFileName(Folder(repository)));

    private IEnumerable<string> Repositories() => !Directory.Exists(root) ? [] : Directory
        .EnumerateDirectories(root, Prefix + "*")
        .Select(folder => Path.GetFileName(folder)[Prefix.Length..].Split("--"))
        .Where(parts => parts.Length == 2)
        .Select(parts => string.Join('/', parts));

    /// <summary>Folders of the commits there are files of, the branch's first, then the youngest.</summary>
    private IEnumerable<string> Snapshots(string repository)
    {
        string snapshots = SnapshotFolder(repository);
        if (!Directory.Exists(snapshots))
        {
            return [];
        }

        string newest = Newest(repository);
        return new DirectoryInfo(snapshots).EnumerateDirectories()
            .Where(folder => HubNames.IsCommit(folder.Name))
            .OrderByDescending(folder => folder.Name == newest)
            .ThenByDescending(folder => folder.LastWriteTimeUtc)
            .Select(folder => folder.FullName);
    }

    private static IEnumerable<CachedFile> Files(string repository, string snapshot, string pattern = Models) =>
        from path in Directory.EnumerateFiles(snapshot, pattern, s_deep)
        let target = Target(path)
        where target.Exists
        let name = Path.GetRelativePath(snapshot, path).Replace(Path.DirectorySeparatorChar, '/')
        select new CachedFile(repository, name, Path.GetFileName(snapshot), path, target.Length);

    /// <summary>The bytes behind a file of a snapshot, which are gone when somebody deleted them.</summary>
    internal static FileInfo Target(string path)
    {
        FileInfo file = new(path);
        return file.LinkTarget is null ? file : (FileInfo)file.ResolveLinkTarget(returnFinalTarget: true)!;
    }
}
