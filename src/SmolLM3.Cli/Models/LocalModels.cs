using SmolLM3.Extensions.Models;

namespace SmolLM3.Cli.Models;

/// <summary>Models on this machine, by path or by name.</summary>
internal static class LocalModels
{
    public static HubCache Cache => new(HubSettings.FromEnvironment().Cache);

    /// <summary>The file somebody means.</summary>
    /// <exception cref="FileNotFoundException">It is a name, and that model is not here.</exception>
    public static string PathOf(string model) => !ModelReference.IsMeant(model, out ModelReference? reference)
        ? Path.GetFullPath(model)
        : Cache.Find(reference, isAll: true)?.Path ?? throw NotHere(reference);

    /// <summary>A name, where it is none of a file.</summary>
    /// <exception cref="ArgumentException">It is a path.</exception>
    public static ModelReference NameOf(string model) => ModelReference.TryParse(model, out ModelReference? reference)
        ? reference
        : throw new ArgumentException(
            $"'{model}' is no model on the hub. Name one as owner/repo, owner/repo:Q8_0 or owner/repo/file.gguf.");

    public static FileNotFoundException NotHere(ModelReference reference) => new(
        $"{reference.Name} is not on this machine ({reference.Wanted} of {reference.Repository}): fetch it with "
        + $"smollm3 pull {reference.Name}, or see what is here with smollm3 list.");
}
