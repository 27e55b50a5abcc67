namespace SmolLM3.Extensions.Remote;

/// <summary>An answer broke off after its first token: the connection was lost, or the server failed or fell silent. The
/// request is not sent to another server, which would begin another answer.</summary>
public sealed class AnswerInterruptedException : ServerException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="cause">What happened.</param>
    /// <param name="partialText">The answer so far.</param>
    /// <param name="partialTokens">Its number of tokens.</param>
    public AnswerInterruptedException(ServerException cause, string partialText, int partialTokens)
        : base(
            (cause ?? throw new ArgumentNullException(nameof(cause))).Endpoint,
            $"The answer broke off after {partialTokens} tokens. {cause.Message} PartialText has what there was.",
            cause)
    {
        StatusCode = cause.StatusCode;
        IsTransient = cause.IsTransient;
        PartialText = partialText;
        PartialTokens = partialTokens;
    }

    /// <summary>The answer so far as the model wrote it, thoughts, calls and their tags included.</summary>
    public string PartialText { get; }

    /// <summary>Its number of tokens.</summary>
    public int PartialTokens { get; }
}
