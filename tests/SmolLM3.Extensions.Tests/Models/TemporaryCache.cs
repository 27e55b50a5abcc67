using SmolLM3.Extensions.Models;

namespace SmolLM3.Extensions.Tests.Models;

/// <summary>A cache for one test, gone afterwards.</summary>
internal sealed class TemporaryCache : IDisposable
{
    public const string Repository = "owner/repo";

    public TemporaryCache() =>
        Cache = new(Directory.CreateTempSubdirectory("smollm3-hub-").FullName);

    public HubCache Cache { get; }

    /// <summary>Adds a file as huggingface_hub does.</summary>
    /// <returns>Its path.</returns>
    public string Add(string name, string text, char commit = 'a', bool link = true, string repository = Repository)
    {
        string id = Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
        string blob = Cache.Blob(repository, id), path = Cache.Snapshot(repository, Commit(commit), name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
        File.WriteAllText(link ? blob : path, text);
        if (link)
        {
            File.CreateSymbolicLink(path, Path.GetRelativePath(Path.GetDirectoryName(path)!, blob));
        }

        return path;
    }

    public void SetMain(char commit, string repository = Repository)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Cache.Reference(repository))!);
        File.WriteAllText(Cache.Reference(repository), Commit(commit));
    }

    public static string Commit(char digit) => new(digit, 40);

    public static ModelReference Reference(string name) =>
        ModelReference.TryParse(name, out ModelReference? reference) ? reference : throw new ArgumentException(name);

    public void Dispose() => Directory.Delete(Cache.Root, recursive: true);
}
