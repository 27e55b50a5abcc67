using System.Collections.Frozen;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Chat;

/// <summary>Ids of the tokens that have a meaning in a chat, found by their text.</summary>
internal sealed class ChatVocabulary
{
    private static readonly string[] s_needed =
    [
        SpecialTokenText.TurnStart,
        SpecialTokenText.TurnEnd,
        SpecialTokenText.ThoughtStart,
        SpecialTokenText.ThoughtEnd,
        SpecialTokenText.CallStart,
        SpecialTokenText.CallEnd,
    ];

    private readonly FrozenSet<int> _control;

    /// <summary>Looks them up; all but those of code must be there.</summary>
    public ChatVocabulary(Tokenizer tokenizer)
    {
        ThoughtStart = Get(tokenizer, SpecialTokenText.ThoughtStart);
        ThoughtEnd = Get(tokenizer, SpecialTokenText.ThoughtEnd);
        CallStart = Get(tokenizer, SpecialTokenText.CallStart);
        CallEnd = Get(tokenizer, SpecialTokenText.CallEnd);
        CodeStart = TryFind(tokenizer, SpecialTokenText.CodeStart);
        CodeEnd = TryFind(tokenizer, SpecialTokenText.CodeEnd);
        TurnStart = Get(tokenizer, SpecialTokenText.TurnStart);
        TurnEnd = Get(tokenizer, SpecialTokenText.TurnEnd);
        int?[] tags = [ThoughtStart, ThoughtEnd, CallStart, CallEnd, CodeStart, CodeEnd];
        _control = Enumerable.Range(0, tokenizer.VocabularySize)
            .Where(id => tokenizer.GetKind(id) == TokenKind.Control || id == TurnStart || id == TurnEnd)
            .Where(id => !tags.Contains(id))
            .ToFrozenSet();
        NeverSaid = [.. _control.Except(tokenizer.EndTokens)];
    }

    /// <summary>Those of a model file; null: it is a base model's, which continues texts and was never taught to
    /// chat.</summary>
    public static ChatVocabulary? Find(GgufMetadata file, Tokenizer tokenizer)
    {
        // A base model may have the instruct model's vocabulary, but has neither its template nor its end of a turn.
        bool isTaught = file.ContainsKey("tokenizer.chat_template")
            || (TryFind(tokenizer, SpecialTokenText.TurnEnd) is { } end && tokenizer.EosToken == end);
        return isTaught && FindMissing(tokenizer) is null ? new(tokenizer) : null;
    }

    /// <summary>Those of a vocabulary of which nothing else is known; null: they are not all there.</summary>
    public static ChatVocabulary? Find(Tokenizer tokenizer) => FindMissing(tokenizer) is null ? new(tokenizer) : null;

    /// <summary>How a base model was known.</summary>
    public static string SignOfBaseModel(Tokenizer tokenizer) => FindMissing(tokenizer) is { } missing
        ? $"its vocabulary has no token {missing}"
        : $"its file has no chat template, and its texts do not end with {SpecialTokenText.TurnEnd}";

    public int ThoughtStart { get; }

    public int ThoughtEnd { get; }

    public int CallStart { get; }

    public int CallEnd { get; }

    /// <summary>Null: the model knows no code.</summary>
    public int? CodeStart { get; }

    public int? CodeEnd { get; }

    /// <summary>The token that begins a turn.</summary>
    public int TurnStart { get; }

    /// <summary>The token that ends a turn, and so an answer.</summary>
    public int TurnEnd { get; }

    /// <summary>Control tokens that have no place in an answer: a model that wrote them would write turns of
    /// others.</summary>
    public IReadOnlyList<int> NeverSaid { get; }

    /// <summary>Whether a token structures the prompt, other than the tags of thoughts and calls.</summary>
    public bool IsControl(int token) => _control.Contains(token);

    private static int? TryFind(Tokenizer tokenizer, string text) =>
        tokenizer.TryGetAddedToken(text, out int id) ? id : null;

    private static string? FindMissing(Tokenizer tokenizer) =>
        s_needed.FirstOrDefault(text => TryFind(tokenizer, text) is null);

    private static int Get(Tokenizer tokenizer, string text) => TryFind(tokenizer, text)
        ?? throw new ArgumentException($"The vocabulary has no token {text}.", nameof(tokenizer));
}
