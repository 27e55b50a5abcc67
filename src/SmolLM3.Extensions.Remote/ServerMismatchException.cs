namespace SmolLM3.Extensions.Remote;

/// <summary>A server serves another model, or one with another tokenizer, than the client was made for. Nothing was asked
/// of it.</summary>
public sealed class ServerMismatchException : ServerException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="endpoint">The server.</param>
    /// <param name="message">What differs, and what to do.</param>
    public ServerMismatchException(Uri endpoint, string message)
        : base(endpoint, message)
    {
    }
}
