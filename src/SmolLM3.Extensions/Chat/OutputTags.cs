using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Chat;

/// <summary>The ids of the tags in one vocabulary; a tag it lacks is never found.</summary>
/// <param name="tokenizer">The vocabulary.</param>
/// <param name="readsCode">Whether the tags of code count; else they are text, as in an answer about HTML.</param>
internal sealed class OutputTags(Tokenizer tokenizer, bool readsCode)
{
    private const int Missing = -1;

    private readonly int _thoughtStart = Look(tokenizer, SpecialTokenText.ThoughtStart);
    private readonly int _thoughtEnd = Look(tokenizer, SpecialTokenText.ThoughtEnd);
    private readonly int _callStart = Look(tokenizer, SpecialTokenText.CallStart);
    private readonly int _callEnd = Look(tokenizer, SpecialTokenText.CallEnd);
    private readonly int _codeStart = readsCode ? Look(tokenizer, SpecialTokenText.CodeStart) : Missing;
    private readonly int _codeEnd = readsCode ? Look(tokenizer, SpecialTokenText.CodeEnd) : Missing;

    /// <summary>What a token opens or closes.</summary>
    public OutputTag Find(int token) =>
        token == _thoughtStart ? OutputTag.ThoughtStart
        : token == _thoughtEnd ? OutputTag.ThoughtEnd
        : token == _callStart ? OutputTag.CallStart
        : token == _callEnd ? OutputTag.CallEnd
        : token == _codeStart ? OutputTag.CodeStart
        : token == _codeEnd ? OutputTag.CodeEnd
        : OutputTag.None;

    private static int Look(Tokenizer tokenizer, string text) =>
        tokenizer.TryGetAddedToken(text, out int id) ? id : Missing;
}
