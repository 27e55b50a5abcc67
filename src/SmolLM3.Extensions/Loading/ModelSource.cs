using Microsoft.Extensions.Logging;
using SmolLM3.Extensions.Models;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Extensions.Loading;

/// <summary>Where a model comes from. Two of the same <see cref="Identity"/> are the same model.</summary>
/// <param name="Identity">The full path of the file, the name on the hub, or the name of a stream.</param>
/// <param name="Name">What it is called when nobody names it.</param>
/// <param name="Open">Opens it; the caller disposes it.</param>
internal sealed record ModelSource(string Identity, string Name, Func<GgufFile> Open)
{
    private Func<ILogger, CancellationToken, Task<string>>? _fetch;

    /// <summary>Whether it can be opened at once.</summary>
    public bool IsHere => _fetch is null;

    /// <summary>A path where it is one, and else a name on the hub.</summary>
    public static ModelSource From(string model, SmolLM3Options options) =>
        ModelReference.IsMeant(model, out ModelReference? reference) ? FromHub(reference, options) : FromFile(model);

    /// <summary>This source where it can be opened at once; a model of the hub as the file it is here, fetched if it was
    /// not.</summary>
    /// <exception cref="ModelDownloadException">It could not be fetched.</exception>
    public async Task<ModelSource> FetchAsync(ILogger logger, CancellationToken cancellationToken) => _fetch is null
        ? this
        : FromFile(await _fetch(logger, cancellationToken).ConfigureAwait(false)) with { Name = Name };

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

    /// <summary>What is read of the options is read now: they may change.</summary>
    private static ModelSource FromHub(ModelReference reference, SmolLM3Options options)
    {
        (bool mayDownload, HubSettings? hub) = (options.AllowDownload, options.FindHub());
        IProgress<ModelDownloadProgress>? progress = options.FindDownloadProgress();
        string identity = $"hub:{reference.Repository}/{reference.Wanted}{(mayDownload ? "" : " if here")}";
        return new(identity, reference.Name, () => throw new InvalidOperationException($"{identity} is not fetched."))
        {
            _fetch = (logger, cancellationToken) => new ModelHub(hub ?? HubSettings.FromEnvironment(), logger)
                .GetAsync(reference, mayDownload, isNewest: false, progress, cancellationToken),
        };
    }

    public bool Equals(ModelSource? other) => other is not null && Identity == other.Identity;

    public override int GetHashCode() => Identity.GetHashCode(StringComparison.Ordinal);

    private static GgufFile OpenFile(string path) => File.Exists(path)
        ? GgufFile.Open(path)
        : throw new ModelNotFoundException(path);
}
