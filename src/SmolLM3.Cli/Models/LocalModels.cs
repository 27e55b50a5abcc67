using Microsoft.Extensions.Logging.Abstractions;
using SmolLM3.Extensions;
using SmolLM3.Extensions.Loading;
using SmolLM3.Extensions.Models;
using SmolLM3.TinyModel;

namespace SmolLM3.Cli.Models;

/// <summary>The model somebody means: a path, a name on the hub, or <c>tiny</c>.</summary>
internal static class LocalModels
{
    /// <summary>What names the small model that comes along. A file of this name is <c>./tiny</c>.</summary>
    public const string Tiny = "tiny";

    public static HubCache Cache => new(HubSettings.FromEnvironment().Cache);

    /// <summary>A model that can be opened, for commands that run it: downloaded, with a bar, where it is not here.
    /// </summary>
    /// <exception cref="FileNotFoundException">It is a path where no file is, or not here while downloads are off.
    /// </exception>
    /// <exception cref="ModelDownloadException">It could not be downloaded.</exception>
    public static async Task<ModelSource> FetchAsync(string model, CancellationToken cancellationToken)
    {
        if (!ModelReference.IsMeant(model, out ModelReference? reference))
        {
            return File(model);
        }

        HubSettings settings = HubSettings.FromEnvironment();
        string path = Cache.Find(reference, isAll: settings.IsOffline)?.Path
            ?? (settings.IsOffline ? throw NotHere(reference, isOffline: true) : await DownloadBar.RunAsync(
                progress => new ModelHub(settings, NullLogger.Instance).GetAsync(
                    reference, mayDownload: true, isNewest: false, progress, cancellationToken)));
        return ModelSource.FromFile(path) with { Name = reference.Name };
    }

    /// <summary>A model that can be opened, for commands that only look into its file: nothing is downloaded.</summary>
    /// <exception cref="FileNotFoundException">It is not here.</exception>
    public static ModelSource Find(string model) => !ModelReference.IsMeant(model, out ModelReference? reference)
        ? File(model)
        : Cache.Find(reference, isAll: true) is { } found
            ? ModelSource.FromFile(found.Path) with { Name = reference.Name }
        : throw NotHere(reference);

    /// <summary>Has a client serve it; what is not here is downloaded when it is loaded.</summary>
    /// <exception cref="FileNotFoundException">It is a path where no file is, or not here while downloads are off.
    /// </exception>
    public static void UseModel(this SmolLM3Options options, string model)
    {
        if (model == Tiny)
        {
            options.UseTinyModel();
            return;
        }

        if (!ModelReference.IsMeant(model, out ModelReference? reference))
        {
            _ = File(model);
        }
        else if (HubSettings.FromEnvironment().IsOffline && Cache.Find(reference, isAll: true) is null)
        {
            throw NotHere(reference, isOffline: true);
        }

        options.Model = model;
    }

    /// <summary>A name, where it is none of a file.</summary>
    /// <exception cref="ArgumentException">It is a path.</exception>
    public static ModelReference NameOf(string model) => ModelReference.TryParse(model, out ModelReference? reference)
        ? reference
        : throw new ArgumentException(
            $"'{model}' is no model on the hub. Name one as owner/repo, owner/repo:Q8_0 or owner/repo/file.gguf.");

    public static FileNotFoundException NotHere(ModelReference reference, bool isOffline = false) => new(
        $"{reference.Name} is not on this machine ({reference.Wanted} of {reference.Repository})"
        + (isOffline
            ? $", and HF_HUB_OFFLINE is set: unset it to download the model, name another one ({CommandList}), or take "
                + $"the small one that comes along, {Tiny}."
            : $": fetch it with smollm3 pull {reference.Name}, or see what is here with {CommandList}."));

    private const string CommandList = "smollm3 list";

    private static ModelSource File(string model) => model == Tiny
        ? ModelSource.FromStream(TinyModel.TinyModel.ModelId, TinyModel.TinyModel.OpenRead) with
        {
            Identity = TinyModel.TinyModel.ModelId,
        }
        : System.IO.File.Exists(model) ? ModelSource.FromFile(model)
        : throw new FileNotFoundException(
            $"There is no file '{model}'. A model is a GGUF file, owner/repo, owner/repo:Q8_0 or owner/repo/file.gguf on "
            + $"the hub, or {Tiny}, the small one that comes along.");
}
