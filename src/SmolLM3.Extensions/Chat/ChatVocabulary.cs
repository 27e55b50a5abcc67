using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Chat;

/// <summary>Ids of the tokens that have a meaning in a chat, found by their text.</summary>
internal sealed class ChatVocabulary
{
    /// <summary>Looks them up.</summary>
    /// <exception cref="UnsupportedModelException">One is missing: the file is a base model or another
    /// model.</exception>
    public ChatVocabulary(Tokenizer tokenizer)
    {
        ThoughtStart = Find(tokenizer, SpecialTokenText.ThoughtStart);
        ThoughtEnd = Find(tokenizer, SpecialTokenText.ThoughtEnd);
        CallStart = Find(tokenizer, SpecialTokenText.CallStart);
        CallEnd = Find(tokenizer, SpecialTokenText.CallEnd);
        Find(tokenizer, SpecialTokenText.TurnStart);
        Find(tokenizer, SpecialTokenText.TurnEnd);
    }

    public int ThoughtStart { get; }

    public int ThoughtEnd { get; }

    public int CallStart { get; }

    public int CallEnd { get; }

    private static int Find(Tokenizer tokenizer, string text) => tokenizer.TryGetAddedToken(text, out int id)
        ? id
        : throw new UnsupportedModelException(
            $"The model's vocabulary has no token {text}: it cannot chat. Use a GGUF of the instruct model "
            + "(SmolLM3-3B), not of the base model.");
}
