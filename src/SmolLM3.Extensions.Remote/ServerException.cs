using System.Net;

namespace SmolLM3.Extensions.Remote;

/// <summary>A server could not be asked, or did not answer as it should.</summary>
public class ServerException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="endpoint">The server; null: none of several answered.</param>
    /// <param name="message">What is wrong, and what to do.</param>
    /// <param name="innerException">What it came from, or null.</param>
    public ServerException(Uri? endpoint, string message, Exception? innerException = null)
        : base(message, innerException) => Endpoint = endpoint;

    /// <summary>The server; null: none of several answered.</summary>
    public Uri? Endpoint { get; }

    /// <summary>What it answered, where it answered with an error.</summary>
    public HttpStatusCode? StatusCode { get; init; }

    /// <summary>Whether another server, or the same one later, may do better.</summary>
    public bool IsTransient { get; init; }
}
