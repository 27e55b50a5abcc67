using Microsoft.Extensions.AI;
using SmolLM3.Extensions.Loading;

namespace SmolLM3.Extensions.Chat;

/// <summary>Counts tokens for the callers of a client.</summary>
/// <param name="requests">The client's way of requests.</param>
/// <param name="model">The client's model.</param>
/// <param name="client">The client.</param>
internal sealed class PromptTokenizer(
    RequestRunner requests, ClientModel model, IChatClient client) : ISmolLM3Tokenizer
{
    /// <inheritdoc/>
    public int ContextLength => model.GetHead().ContextLength;

    /// <inheritdoc/>
    public IReadOnlyList<int> Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return model.GetHead().Tokenizer.Encode(text);
    }

    /// <inheritdoc/>
    public string Decode(IReadOnlyList<int> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        return model.GetHead().Tokenizer.Decode([.. tokens]);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> GetBytes(int token) => model.GetHead().Tokenizer.GetBytes(token);

    /// <inheritdoc/>
    public int CountTokens(string text) => Encode(text).Count;

    /// <inheritdoc/>
    public SmolLM3PromptSize Measure(IEnumerable<ChatMessage> messages, ChatOptions? options = null)
    {
        (ChatMessage[] conversation, RequestSettings settings) = requests.Settle(messages, options, client);
        ModelHead head = model.GetHead();
        List<PromptMessage> prompt = MessageMapping.ToPrompt(conversation, settings, head.Tokenizer);
        EncodedPrompt encoded =
            EncodedPrompt.Create(PromptRequest.From(prompt, settings, requests.Today), settings, head);
        return new(encoded.Tokens.Count, head.ContextLength, encoded.DroppedTurns);
    }
}
