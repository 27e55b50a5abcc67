namespace SmolLM3.Inference.Tokenization;

/// <summary>What a token is for, as the file's <c>tokenizer.ggml.token_type</c> numbers it.</summary>
public enum TokenKind
{
    /// <summary>Not said.</summary>
    Undefined = 0,

    /// <summary>A piece of ordinary text, made by merging bytes.</summary>
    Normal = 1,

    /// <summary>Stands for what a vocabulary cannot spell. A byte-level vocabulary spells everything.</summary>
    Unknown = 2,

    /// <summary>An added token that structures a prompt: <c>&lt;|im_start|&gt;</c>.</summary>
    Control = 3,

    /// <summary>An added token that is also shown: <c>&lt;think&gt;</c>.</summary>
    UserDefined = 4,

    /// <summary>A number that is taken but has no meaning.</summary>
    Unused = 5,

    /// <summary>A single byte.</summary>
    Byte = 6,
}
