using System.Text.Json.Serialization;

namespace SmolLM3.Extensions.Models;

/// <summary>What the hub says of a repository: its newest commit and the files in it.</summary>
internal sealed record HubListing(
    [property: JsonPropertyName("sha")] string? Commit,
    [property: JsonPropertyName("siblings")] IReadOnlyList<HubListing.Entry>? Entries)
{
    /// <summary>The file that is meant.</summary>
    /// <exception cref="ModelDownloadException">There is none, or what the hub says of it makes no sense.</exception>
    public HubFile Choose(ModelReference model)
    {
        IReadOnlyList<Entry> entries = Entries ?? [];
        string[] names = [.. entries.Select(entry => entry.Name ?? "")];
        string? name = model.Choose(names, isAll: true);
        if (name is null || (GgufNames.IsGguf(name) && !GgufNames.IsModel(name)))
        {
            string[] whole = [.. names.Where(GgufNames.IsModel)];
            string? part = Array.Find(names, file => GgufNames.IsPart(file)
                && (name is null ? GgufNames.HasQuantization(file, model.Wanted) : file == name));
            throw part is null
                ? ModelDownloadException.NoFile(model, whole)
                : ModelDownloadException.Split(model, part, whole);
        }

        // These become paths.
        Entry chosen = entries.First(entry => entry.Name == name);
        string id = chosen.Large?.Sha256 ?? chosen.BlobId ?? "";
        long? bytes = chosen.Large?.Bytes ?? chosen.Bytes;
        return !HubNames.IsSafeFile(name)
                ? throw ModelDownloadException.Nonsense($"a file's name leads out of its folder, '{name}'")
            : Commit is null || !HubNames.IsCommit(Commit) ? throw ModelDownloadException.Nonsense("it names no commit")
            : !HubNames.IsObjectId(id) || bytes is null or < 0
                ? throw ModelDownloadException.Nonsense($"it has no checksum or no length for {name}")
            : new(model.Repository, Commit, name, id, bytes.Value);
    }

    internal sealed record Entry(
        [property: JsonPropertyName("rfilename")] string? Name,
        [property: JsonPropertyName("size")] long? Bytes,
        [property: JsonPropertyName("blobId")] string? BlobId,
        [property: JsonPropertyName("lfs")] LargeFile? Large);

    /// <summary>A file in LFS.</summary>
    internal sealed record LargeFile(
        [property: JsonPropertyName("sha256")] string? Sha256,
        [property: JsonPropertyName("size")] long? Bytes);
}

/// <summary>Reads listings without reflection.</summary>
[JsonSerializable(typeof(HubListing))]
internal sealed partial class HubJson : JsonSerializerContext;
