namespace SmolLM3.Inference.Tokenization;

/// <summary>As much of a character's nature as the pre-tokenizer asks for.</summary>
internal enum CharacterClass : byte
{
    /// <summary>Punctuation, symbols, marks, controls, unassigned code points, bytes that are not UTF-8.</summary>
    Other,

    /// <summary>General category L.</summary>
    Letter,

    /// <summary>General category N.</summary>
    Number,

    /// <summary>Carriage return and line feed. They are white space as well.</summary>
    NewLine,

    /// <summary>The property White_Space, but for <see cref="NewLine"/>.</summary>
    Space,

    /// <summary>There is no character: the text is over.</summary>
    End,
}
