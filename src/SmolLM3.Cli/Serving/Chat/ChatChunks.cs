using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using OpenAI.Chat;

namespace SmolLM3.Cli.Serving.Chat;

/// <summary>One choice of a streamed answer, as OpenAI's chunks.</summary>
/// <param name="request">What was asked.</param>
/// <param name="index">Which choice it is.</param>
/// <param name="id">The id of the answer, the same in all chunks of all choices.</param>
internal sealed class ChatChunks(ChatRequest request, int index, string id)
{
    private readonly UsageDetails _usage = new();
    private ChatResponseUpdate? _current;
    private bool _hasBegun;
    private int _calls;

    public int Index => index;

    /// <summary>The chunks, by Microsoft.Extensions.AI.OpenAI's conversion, which makes one of each update.</summary>
    public async IAsyncEnumerable<JsonObject> ConvertAsync(
        IAsyncEnumerable<ChatResponseUpdate> updates, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (StreamingChatCompletionUpdate update in RememberAsync(updates, cancellationToken)
            .AsOpenAIStreamingChatCompletionUpdatesAsync(cancellationToken))
        {
            yield return Complete(ChatJson.ToJson(update), _current!);
        }
    }

    /// <summary>The last chunk of a stream whose reader wants to know the usage.</summary>
    /// <param name="last">Any chunk before it.</param>
    /// <param name="request">Whether it wants to know.</param>
    /// <param name="choices">What was written.</param>
    public static JsonObject? Usage(JsonObject last, ChatRequest request, IReadOnlyList<ChatChunks> choices)
    {
        if (!request.TellsUsage)
        {
            return null;
        }

        JsonObject chunk = last.DeepClone().AsObject();
        chunk["choices"] = new JsonArray();
        chunk["usage"] = UsageJson.Of([.. choices.Select(choice => choice._usage)], choices.Count);
        return chunk;
    }

    private async IAsyncEnumerable<ChatResponseUpdate> RememberAsync(
        IAsyncEnumerable<ChatResponseUpdate> updates, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (ChatResponseUpdate update in updates.WithCancellation(cancellationToken))
        {
            _current = update;
            foreach (UsageContent usage in update.Contents.OfType<UsageContent>())
            {
                _usage.Add(usage.Details);
            }

            yield return update;
        }
    }

    private JsonObject Complete(JsonObject chunk, ChatResponseUpdate update)
    {
        JsonObject choice = ChatJson.TakeChoice(chunk);
        JsonObject delta = choice["delta"]!.AsObject();
        ChatJson.Complete(delta, update.Contents);
        if (!ChatJson.HasText(update.Contents))
        {
            delta.Remove("content");
        }

        // The role is told once. Each update counts its calls from 0, a stream goes on counting.
        if (_hasBegun)
        {
            delta.Remove("role");
        }

        foreach (JsonNode? call in delta["tool_calls"] as JsonArray ?? [])
        {
            call!["index"] = _calls++;
        }

        _hasBegun = true;
        choice["index"] = index;
        choice["finish_reason"] = update.FinishReason is null ? null : choice["finish_reason"]!.DeepClone();
        choice["logprobs"] = LogProbabilities.Of(update.AdditionalProperties, request.TopLogProbabilities);
        chunk["id"] = id;
        chunk["choices"] = new JsonArray(choice);
        chunk.Remove("usage");
        if (request.TellsUsage)
        {
            chunk["usage"] = null;
        }

        return chunk;
    }
}
