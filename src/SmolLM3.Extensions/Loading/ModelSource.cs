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

    /// <summary>The tokenizer of a model on the hub, without its weights: its GGUF file where that is here, else its
    /// <c>tokenizer.json</c>. Null: the name is none of the hub.</summary>
    public static ModelSource? TokenizerFrom(string? model, SmolLM3Options options)
    {
        if (model is null || !ModelReference.IsMeant(model, out ModelReference? reference))
        {
            return null;
        }

        ModelSource whole = FromHub(reference, options);
        return whole with { Identity = "tokenizer of " + whole.Identity, _fetch = FetchTokenizer(reference, options) };
    }

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
        string identity = $"hub:{reference.Repository}/{reference.Wanted}{(options.AllowDownload ? "" : " if here")}";
        return new(identity, reference.Name, () => throw new InvalidOperationException($"{identity} is not fetched."))
        {
            _fetch = Fetch(reference, options),
        };
    }

    private static Func<ILogger, CancellationToken, Task<string>> Fetch(ModelReference reference, SmolLM3Options options)
    {
        (bool mayDownload, HubSettings? hub) = (options.AllowDownload, options.FindHub());
        IProgress<ModelDownloadProgress>? progress = options.FindDownloadProgress();
        return (logger, cancellationToken) => new ModelHub(hub ?? HubSettings.FromEnvironment(), logger)
            .GetAsync(reference, mayDownload, isNewest: false, progress, cancellationToken);
    }

    private static Func<ILogger, CancellationToken, Task<string>> FetchTokenizer(
        ModelReference model, SmolLM3Options options)
    {
        HubSettings? hub = options.FindHub();
        Func<ILogger, CancellationToken, Task<string>> fetch = Fetch(model.Tokenizer, options);
        return (logger, cancellationToken) =>
            new HubCache((hub ?? HubSettings.FromEnvironment()).Cache).Find(model) is { } found
                ? Task.FromResult(found.Path)
                : fetch(logger, cancellationToken);
    }

    public bool Equals(ModelSource? other) => other is not null && Identity == other.Identity;

    public override int GetHashCode() => Identity.GetHashCode(StringComparison.Ordinal);

    private static GgufFile OpenFile(string path) => File.Exists(path)
        ? GgufFile.Open(path)
        : throw new ModelNotFoundException(path);
}
