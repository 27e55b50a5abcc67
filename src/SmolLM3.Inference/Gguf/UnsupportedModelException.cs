namespace SmolLM3.Inference.Gguf;

/// <summary>
/// The file is sound, but holds a model this library does not run: another architecture, a tensor type it does not
/// read, one part of a split file. The message names it and what to use instead.
/// </summary>
public sealed class UnsupportedModelException : NotSupportedException
{
    /// <summary>Makes one without a message.</summary>
    public UnsupportedModelException()
    {
    }

    /// <summary>Makes one.</summary>
    public UnsupportedModelException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with its cause.</summary>
    public UnsupportedModelException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
