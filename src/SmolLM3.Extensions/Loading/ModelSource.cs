using SmolLM3.Inference.Gguf;

namespace SmolLM3.Extensions.Loading;

/// <summary>Where a model comes from. Two of the same <see cref="Identity"/> are the same model.</summary>
/// <param name="Identity">The full path of the file, or the name of a stream.</param>
/// <param name="Name">What it is called when nobody names it.</param>
/// <param name="Open">Opens it; the caller disposes it.</param>
internal sealed record ModelSource(string Identity, string Name, Func<GgufFile> Open)
{
    public static ModelSource FromFile(string path)
    {
        string full = Path.GetFullPath(path);
        return new(full, Path.GetFileNameWithoutExtension(full), () => OpenFile(full));
    }

    public static ModelSource FromStream(string name, Func<Stream> open) => new("stream:" + name, name, () =>
    {
        using Stream stream = open();
        return GgufFile.Load(stream);
    });

    public bool Equals(ModelSource? other) => other is not null && Identity == other.Identity;

    public override int GetHashCode() => Identity.GetHashCode(StringComparison.Ordinal);

    private static GgufFile OpenFile(string path) => File.Exists(path)
        ? GgufFile.Open(path)
        : throw new ModelNotFoundException(path);
}
