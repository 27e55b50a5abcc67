using SmolLM3.Extensions.Chat;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Loading;

/// <summary>What is known of a model without its weights.</summary>
/// <param name="Tokenizer">Its tokenizer.</param>
/// <param name="Vocabulary">Ids of the tokens that have a meaning in a chat; null: a base model's.</param>
/// <param name="ContextLength">Most tokens of one conversation; for one that is not loaded, what it would be now.</param>
internal sealed record ModelHead(Tokenizer Tokenizer, ChatVocabulary? Vocabulary, int ContextLength)
{
    /// <summary>Reads it from the model's file.</summary>
    /// <exception cref="ModelNotFoundException">The file is not there.</exception>
    /// <exception cref="GgufFormatException">The file is not a GGUF, incomplete or damaged.</exception>
    /// <exception cref="UnsupportedModelException">The file holds another model.</exception>
    public static ModelHead Read(ModelKey key)
    {
        using GgufFile file = key.Source.Open();
        Tokenizer tokenizer = Tokenizer.FromGguf(file);
        int context = ContextChoice.For(key, file).Length;
        return new(tokenizer, ChatVocabulary.Find(file.Metadata, tokenizer), Math.Min(context, key.CapacityTokens ?? context));
    }

    /// <summary>The tokens of the chat format.</summary>
    /// <exception cref="BaseModelException">There are none: the model is a base model.</exception>
    public ChatVocabulary RequireChat() =>
        Vocabulary ?? throw new BaseModelException(ChatVocabulary.SignOfBaseModel(Tokenizer));
}
