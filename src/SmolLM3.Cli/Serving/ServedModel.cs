using Microsoft.Extensions.AI;
using SmolLM3.Cli.Serving.Errors;
using SmolLM3.Extensions;

namespace SmolLM3.Cli.Serving;

/// <summary>The model that answers, and whether it is in memory yet. Safe for concurrent use.</summary>
internal sealed class ServedModel(IChatClient client, TimeProvider time)
{
    private readonly SmolLM3ChatClient? _local = client.GetService<SmolLM3ChatClient>();
    private volatile bool _isReady;

    /// <summary>Its name.</summary>
    public string Id { get; } = client.GetService<ChatClientMetadata>()?.DefaultModelId ?? "smollm3";

    /// <summary>When it came to be served: a GGUF does not say when it was made.</summary>
    public DateTimeOffset Created { get; } = time.GetUtcNow();

    /// <summary>Most tokens of a conversation; null while that is not known.</summary>
    public int? ContextLength => _local?.Loading is { IsCompletedSuccessfully: true } loaded
        ? loaded.Result.ContextLength : null;

    /// <summary>Loads it; until then requests are refused.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (_local is not null)
        {
            await _local.LoadAsync(cancellationToken);
        }

        _isReady = true;
    }

    /// <summary>Refuses a request while the model is being loaded.</summary>
    /// <exception cref="ApiException">It is.</exception>
    public void ThrowIfNotReady()
    {
        if (!_isReady)
        {
            throw new ApiException(ApiError.Loading(Id));
        }
    }
}
