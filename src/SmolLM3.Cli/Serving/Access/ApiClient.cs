namespace SmolLM3.Cli.Serving.Access;

/// <summary>Who asks, for limits: which key it has.</summary>
internal sealed record ApiClient(string Name);
