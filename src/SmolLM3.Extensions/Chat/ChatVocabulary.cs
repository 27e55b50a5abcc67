using System.Collections.Frozen;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Chat;

/// <summary>Ids of the tokens that have a meaning in a chat, found by their text.</summary>
internal sealed class ChatVocabulary
{
    private readonly FrozenSet<int> _control;

    /// <summary>Looks them up.</summary>
    /// <exception cref="UnsupportedModelException">One is missing: the file is a base model or another
    /// model.</exception>
    public ChatVocabulary(Tokenizer tokenizer)
    {
        ThoughtStart = Find(tokenizer, SpecialTokenText.ThoughtStart);
        ThoughtEnd = Find(tokenizer, SpecialTokenText.ThoughtEnd);
        CallStart = Find(tokenizer, SpecialTokenText.CallStart);
        CallEnd = Find(tokenizer, SpecialTokenText.CallEnd);
        CodeStart = TryFind(tokenizer, SpecialTokenText.CodeStart);
        CodeEnd = TryFind(tokenizer, SpecialTokenText.CodeEnd);
        TurnStart = Find(tokenizer, SpecialTokenText.TurnStart);
        TurnEnd = Find(tokenizer, SpecialTokenText.TurnEnd);
        int?[] tags = [ThoughtStart, ThoughtEnd, CallStart, CallEnd, CodeStart, CodeEnd];
        _control = Enumerable.Range(0, tokenizer.VocabularySize)
            .Where(id => tokenizer.GetKind(id) == TokenKind.Control || id == TurnStart || id == TurnEnd)
            .Where(id => !tags.Contains(id))
            .ToFrozenSet();
        NeverSaid = [.. _control.Except(tokenizer.EndTokens)];
    }

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

    private static int Find(Tokenizer tokenizer, string text) => TryFind(tokenizer, text)
        ?? throw new UnsupportedModelException(
            $"The model's vocabulary has no token {text}: it cannot chat. Use a GGUF of the instruct model "
            + "(SmolLM3-3B), not of the base model.");
}
