using System.Text.Json;
using Microsoft.Extensions.AI;

namespace SmolLM3.Extensions.Chat;

/// <summary>Folds a streamed response into one.</summary>
internal static class ResponseFolding
{
    /// <summary>Reads the stream to its end.</summary>
    public static async Task<ChatResponse> FoldAsync(
        IAsyncEnumerable<ChatResponseUpdate> updates, CancellationToken cancellationToken)
    {
        List<ChatResponseUpdate> all = [];
        List<JsonElement> logProbabilities = [];
        List<int> tokens = [];
        await foreach (ChatResponseUpdate update in updates.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            all.Add(update);
            if (update.AdditionalProperties?.TryGetValue(LogProbabilityJson.Key, out object? value) == true)
            {
                logProbabilities.AddRange(((JsonElement)value!).EnumerateArray());
            }

            if (update.AdditionalProperties?.TryGetValue(ResponseWriter.TokenIdsKey, out int[]? ids) == true)
            {
                tokens.AddRange(ids);
            }
        }

        ChatResponse response = all.ToChatResponse();
        ChatMessage message = response.Messages[0];

        // Folding keeps neither what an update was made from nor more than the last value of a property.
        message.RawRepresentation = all[^1].RawRepresentation;
        if (logProbabilities.Count > 0)
        {
            message.AdditionalProperties![LogProbabilityJson.Key] = LogProbabilityJson.ToArray(logProbabilities);
        }

        if (tokens.Count > 0)
        {
            message.AdditionalProperties![ResponseWriter.TokenIdsKey] = tokens.ToArray();
        }

        return response;
    }
}
