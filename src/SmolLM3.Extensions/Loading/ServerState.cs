namespace SmolLM3.Extensions.Loading;

/// <summary>How a server of a model that runs elsewhere is.</summary>
/// <param name="Address">Where it is.</param>
/// <param name="Failure">How it failed last; null: it answers.</param>
internal sealed record ServerState(Uri Address, Exception? Failure);
