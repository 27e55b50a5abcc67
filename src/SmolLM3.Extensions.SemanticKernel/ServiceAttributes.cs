using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel.Services;

namespace SmolLM3.Extensions.SemanticKernel;

/// <summary>What a kernel knows a service by, beside its id: the model's name.</summary>
internal static class ServiceAttributes
{
    public static IReadOnlyDictionary<string, object?> Of(IChatClient client) =>
        client.GetService<ChatClientMetadata>()?.DefaultModelId is { } model
            ? new Dictionary<string, object?> { [AIServiceExtensions.ModelIdKey] = model }
            : [];
}
