namespace SmolLM3.Cli.Serving.Access;

/// <summary>Marks an endpoint that wants a key where keys are set.</summary>
internal sealed class NeedsKey
{
    public static NeedsKey Instance { get; } = new();
}
