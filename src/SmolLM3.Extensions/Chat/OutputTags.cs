using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Chat;

/// <summary>The ids of the tags in one vocabulary; a tag it lacks is never found.</summary>
internal sealed class OutputTags(Tokenizer tokenizer)
{
    private const int Missing = -1;

    private readonly int _thoughtStart = Look(tokenizer, SpecialTokenText.ThoughtStart);
    private readonly int _thoughtEnd = Look(tokenizer, SpecialTokenText.ThoughtEnd);
    private readonly int _callStart = Look(tokenizer, SpecialTokenText.CallStart);
    private readonly int _callEnd = Look(tokenizer, SpecialTokenText.CallEnd);

    /// <summary>What a token opens or closes.</summary>
    public OutputTag Find(int token) =>
        token == _thoughtStart ? OutputTag.ThoughtStart
        : token == _thoughtEnd ? OutputTag.ThoughtEnd
        : token == _callStart ? OutputTag.CallStart
        : token == _callEnd ? OutputTag.CallEnd
        : OutputTag.None;

    private static int Look(Tokenizer tokenizer, string text) =>
        tokenizer.TryGetAddedToken(text, out int id) ? id : Missing;
}
