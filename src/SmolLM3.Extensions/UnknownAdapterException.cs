namespace SmolLM3.Extensions;

/// <summary>A request, or <see cref="SmolLM3ChatClient.UnloadAdapterAsync"/>, named an adapter that is not
/// loaded.</summary>
public sealed class UnknownAdapterException : ArgumentException
{
    internal UnknownAdapterException(string name, IReadOnlyList<string> loaded)
        : base(
            $"There is no adapter '{name}'. Loaded "
            + (loaded.Count == 0 ? "is none" : $"are: {string.Join(", ", loaded)}")
            + ". Load it with SmolLM3Options.LoraAdapters or LoadAdapterAsync; names are case-sensitive.")
    {
        AdapterName = name;
        LoadedAdapters = loaded;
    }

    /// <summary>What was named.</summary>
    public string AdapterName { get; }

    /// <summary>Names of the adapters that are loaded, in ordinal order.</summary>
    public IReadOnlyList<string> LoadedAdapters { get; }
}
