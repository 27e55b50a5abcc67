using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace SmolLM3.Extensions.Chat;

/// <summary>
/// What the model generated for one assistant message, token for token, so that the next prompt repeats it exactly and
/// the prefix cache finds it.
/// </summary>
/// <remarks>
/// It travels as the message's RawRepresentation. Streaming loses that one: <c>ToChatResponse</c> builds messages anew
/// and merges their texts, and what keeps history between the rounds of a tool loop does the same. What they all hand
/// on is the message's id, the very same string object, so the turn is also attached to that object. A message that
/// was serialized has another string and is rendered from its content.
/// </remarks>
/// <param name="vocabulary">The tokenizer the ids belong to; another model's ids mean nothing here.</param>
/// <param name="tokens">The ids, without the token that ended the turn.</param>
/// <param name="afterEmptyThought">Whether the prompt ended with the empty thought of no_think mode.</param>
/// <param name="parts">What was handed to the caller.</param>
/// <param name="thought">The thought, also where the caller did not get it; null when there was none.</param>
internal sealed class GeneratedTurn(
    object vocabulary,
    IReadOnlyList<int> tokens,
    bool afterEmptyThought,
    IReadOnlyList<TurnPart> parts,
    string? thought)
{
    private static readonly ConditionalWeakTable<string, GeneratedTurn> Attached = [];

    public IReadOnlyList<int> Tokens => tokens;

    public bool AfterEmptyThought => afterEmptyThought;

    public string? Thought => thought;

    /// <summary>Attaches a turn to the id of its message.</summary>
    public static void Attach(string messageId, GeneratedTurn turn) => Attached.AddOrUpdate(messageId, turn);

    /// <summary>The turn a message was made from, if it still says what was generated.</summary>
    /// <param name="message">A message of the history.</param>
    /// <param name="vocabulary">The tokenizer of this request.</param>
    public static GeneratedTurn? Find(ChatMessage message, object vocabulary)
    {
        GeneratedTurn? turn = message.RawRepresentation as GeneratedTurn;
        if (turn is null && message.MessageId is { } id)
        {
            Attached.TryGetValue(id, out turn);
        }

        return turn?.Says(message, vocabulary) == true ? turn : null;
    }

    private bool Says(ChatMessage message, object otherVocabulary) =>
        ReferenceEquals(vocabulary, otherVocabulary)
        && message.Role == ChatRole.Assistant
        && !message.Contents.Any(content => content
            is FunctionResultContent or CodeInterpreterToolResultContent or DataContent or UriContent)
        && TurnPart.From(message.Contents).SequenceEqual(parts);
}
