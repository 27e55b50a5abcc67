using Microsoft.Extensions.AI;

namespace SmolLM3.Extensions;

/// <summary>Counts tokens as the model of a chat client does. Had from
/// <c>chatClient.GetService&lt;ISmolLM3Tokenizer&gt;()</c>, also through middleware.</summary>
/// <remarks>
/// <para>Safe for concurrent use, until the client is disposed.</para>
/// <para>Does not load the model and never waits for a load: while no model is loaded, the first call reads the
/// vocabulary from the head of the file, under a second and without the weights, and keeps it. (A model that is not a
/// file, from <see cref="SmolLM3Options.UseModel"/>, is read whole.)</para>
/// <para>All members throw <see cref="ObjectDisposedException"/> after the client, and, as loading does,
/// <see cref="ModelNotFoundException"/>, <see cref="Inference.Gguf.GgufFormatException"/> or
/// <see cref="Inference.Gguf.UnsupportedModelException"/> where the file cannot be read; a later call tries again.</para>
/// </remarks>
public interface ISmolLM3Tokenizer
{
    /// <summary>Most tokens of one request, prompt and answer together. Loading the model settles it: before, where
    /// <see cref="SmolLM3Options.ContextLength"/> is null it hangs on the free memory, and an engine may round
    /// <see cref="SmolLM3Options.CapacityTokens"/> up.</summary>
    int ContextLength { get; }

    /// <summary>Encodes text. Nothing in it is control: <c>&lt;|im_end|&gt;</c> and the like are just characters, and no
    /// token is put in front. Lone surrogates become U+FFFD.</summary>
    IReadOnlyList<int> Encode(string text);

    /// <summary>The text of tokens, special ones included. Bytes that are not UTF-8, such as part of a character, become
    /// U+FFFD.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is outside the vocabulary.</exception>
    string Decode(IReadOnlyList<int> tokens);

    /// <summary>The bytes a token stands for, not always whole characters.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is outside the vocabulary.</exception>
    ReadOnlySpan<byte> GetBytes(int token);

    /// <summary>Counts the tokens of a text, as <see cref="Encode"/> makes them.</summary>
    int CountTokens(string text);

    /// <summary>Measures the prompt that a request of these messages and options would have: with the client's template,
    /// instructions, tools, response format and mode, and what earlier answers were made of. It is the request's
    /// <see cref="UsageDetails.InputTokenCount"/>, if both have the same date.</summary>
    /// <param name="messages">The conversation; neither changed nor kept.</param>
    /// <param name="options">What the request asks for.</param>
    /// <exception cref="ArgumentNullException">The messages are null.</exception>
    /// <exception cref="ArgumentException">A message or an option is wrong, as in a request.</exception>
    /// <exception cref="UnknownModelException">The options name another model.</exception>
    /// <exception cref="UnsupportedContentException">A message holds an image or other content that is no
    /// text.</exception>
    /// <exception cref="Chat.SystemOverrideException">The system text says <c>/system_override</c>, and there are
    /// tools.</exception>
    /// <exception cref="BaseModelException">The model is a base model.</exception>
    SmolLM3PromptSize Measure(IEnumerable<ChatMessage> messages, ChatOptions? options = null);
}
