namespace SmolLM3.Extensions.Remote.Servers;

/// <summary>What a server says of itself.</summary>
/// <param name="Kind">Whose it is.</param>
/// <param name="Version">Its version, or an empty text.</param>
/// <param name="Model">Name of the model.</param>
/// <param name="ContextLength">Most tokens of a request, prompt and answer together; null: it does not say.</param>
/// <param name="Adapters">Names of its LoRA adapters.</param>
/// <param name="Dialect">How it is asked.</param>
internal sealed record ServerFacts(
    ServerKind Kind,
    string Version,
    string Model,
    int? ContextLength,
    IReadOnlyList<string> Adapters,
    IDialect Dialect)
{
    /// <summary>Number of the model's weights, where it says.</summary>
    public long Parameters { get; init; }
}
