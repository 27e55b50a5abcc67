namespace SmolLM3.Extensions.Remote;

/// <summary>A server completed an answer that does not have the form it was asked for: it does not enforce all of it, or
/// not as it says.</summary>
public sealed class AnswerFormException : ServerException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="endpoint">The server.</param>
    /// <param name="violation">What is wrong with the answer.</param>
    /// <param name="text">The answer.</param>
    public AnswerFormException(Uri endpoint, string violation, string text)
        : base(
            endpoint,
            $"{endpoint} completed an answer that does not have the form asked for: {violation}. Text has the answer. Ask "
            + "again, or for a form the server enforces, or use an engine in this process.") => Text = text;

    /// <summary>The answer, without the thought before it.</summary>
    public string Text { get; }
}
