using Microsoft.Extensions.Logging;

namespace SmolLM3.Extensions.Generation;

/// <summary>What generation logs: numbers, never text.</summary>
internal static partial class GenerationLog
{
    [LoggerMessage(1, LogLevel.Debug, "Request {Request}: {Tokens} tokens start, {Cached} of them are already known.")]
    public static partial void Started(this ILogger logger, long request, int tokens, int cached);

    [LoggerMessage(2, LogLevel.Debug, "Request {Request} ended ({End}): {Prompt} prompt, {Generated} answer tokens.")]
    public static partial void Ended(
        this ILogger logger, long request, GenerationEnd end, int prompt, int generated);

    [LoggerMessage(3, LogLevel.Debug, "Request {Request} was cancelled after {Generated} answer tokens.")]
    public static partial void Cancelled(this ILogger logger, long request, int generated);

    [LoggerMessage(4, LogLevel.Warning, "Request {Request} failed after {Generated} answer tokens.")]
    public static partial void Failed(this ILogger logger, Exception error, long request, int generated);

    [LoggerMessage(5, LogLevel.Information, "Request {Request} gives up its {Tokens} stored tokens for lack of room " +
        "and computes them again later. A larger SmolLM3Options.CapacityTokens would avoid that.")]
    public static partial void Parked(this ILogger logger, long request, int tokens);

    [LoggerMessage(6, LogLevel.Debug, "A kept prefix was dropped for lack of room.")]
    public static partial void Evicted(this ILogger logger);

    [LoggerMessage(7, LogLevel.Error, "A step of {Requests} requests failed; each is tried alone.")]
    public static partial void StepFailed(this ILogger logger, Exception error, int requests);

    [LoggerMessage(8, LogLevel.Error, "Generation failed; all {Requests} requests in flight end.")]
    public static partial void Aborted(this ILogger logger, Exception error, int requests);

    [LoggerMessage(9, LogLevel.Error, "The engine's sequences could not be emptied.")]
    public static partial void NotCleared(this ILogger logger, Exception error);

    [LoggerMessage(10, LogLevel.Error, "The books of the generator and of the engine disagree. This is a bug.")]
    public static partial void BooksDisagree(this ILogger logger, Exception error);
}
