namespace SmolLM3.Extensions.SemanticKernel;

/// <summary>Key of the client behind a text generation service. Under the service id itself it would take the place of
/// the client that chats.</summary>
/// <param name="ServiceId">Id of the service, or null.</param>
internal sealed record TextGenerationKey(string? ServiceId)
{
    // Names the client's options.
    public override string ToString() => ServiceId is null ? "text generation" : $"text generation {ServiceId}";
}
