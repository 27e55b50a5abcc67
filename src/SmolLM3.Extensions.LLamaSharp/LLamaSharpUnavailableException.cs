namespace SmolLM3.Extensions.LLamaSharp;

/// <summary>No native library of llama.cpp could be loaded; the message says which were tried, why each failed, and what
/// to install.</summary>
public sealed class LLamaSharpUnavailableException : Exception
{
    /// <summary>Makes it.</summary>
    public LLamaSharpUnavailableException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
