namespace SmolLM3.Inference.Tokenization;

/// <summary>Whether the text of an added token (<c>&lt;|im_start|&gt;</c>, <c>&lt;think&gt;</c>) means it.</summary>
public enum SpecialTokens
{
    /// <summary>
    /// No: all text is ordinary text, spelt with ordinary tokens. For everything that comes from outside. The result
    /// never holds the id of an added token, neither control nor user-defined.
    /// </summary>
    None,

    /// <summary>Yes: added tokens are matched by their exact text. For text the program itself wrote.</summary>
    All,
}
