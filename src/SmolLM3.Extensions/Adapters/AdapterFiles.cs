using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Extensions.Adapters;

/// <summary>The adapters that are loaded with a model: names and full paths, in ordinal order of the names. Equal by
/// value.</summary>
internal sealed class AdapterFiles : IEquatable<AdapterFiles>
{
    private readonly (string Name, string Path)[] _files;

    private AdapterFiles((string Name, string Path)[] files) => _files = files;

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => _files.Length == 0;

    /// <summary>Those the options name.</summary>
    public static AdapterFiles From(SmolLM3Options options) => new(
        [.. options.LoraAdapters
            .Select(adapter => (adapter.Key, Path.GetFullPath(adapter.Value.Path)))
            .OrderBy(file => file.Key, StringComparer.Ordinal)]);

    /// <summary>Opens an adapter's file.</summary>
    /// <exception cref="AdapterNotFoundException">It is not there.</exception>
    /// <exception cref="GgufFormatException">It is not a GGUF file, incomplete or damaged.</exception>
    public static GgufFile Open(string path) => File.Exists(path)
        ? GgufFile.Open(path)
        : throw new AdapterNotFoundException(path);

    /// <summary>Loads them all.</summary>
    /// <param name="engine">Where to; nobody else uses it yet.</param>
    /// <exception cref="AdapterNotFoundException">A file is not there.</exception>
    /// <exception cref="GgufFormatException">One is no adapter, damaged, or made for another base model.</exception>
    /// <exception cref="UnsupportedModelException">One changes what is not adapted here.</exception>
    public IReadOnlyList<LoadedAdapter> LoadInto(IInferenceEngine engine)
    {
        List<LoadedAdapter> loaded = [];
        foreach ((string name, string path) in _files)
        {
            using GgufFile file = Open(path);
            loaded.Add(new LoadedAdapter(name, engine.LoadAdapter(file), file.ComputeFingerprint()));
        }

        return loaded;
    }

    public bool Equals(AdapterFiles? other) => other is not null && _files.AsSpan().SequenceEqual(other._files);

    public override bool Equals(object? obj) => Equals(obj as AdapterFiles);

    public override int GetHashCode() => _files.Length == 0 ? 0 : HashCode.Combine(_files.Length, _files[0]);
}
