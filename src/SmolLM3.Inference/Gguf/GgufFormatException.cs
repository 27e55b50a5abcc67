namespace SmolLM3.Inference.Gguf;

/// <summary>
/// The file is not a GGUF file, is incomplete or is damaged. The message says what was found, where, and what to do.
/// </summary>
public sealed class GgufFormatException : FormatException
{
    /// <summary>Makes one without a message.</summary>
    public GgufFormatException()
    {
    }

    /// <summary>Makes one.</summary>
    public GgufFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with its cause.</summary>
    public GgufFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
