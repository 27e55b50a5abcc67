using Microsoft.Extensions.Logging;

namespace SmolLM3.Extensions.Remote;

/// <summary>What is said of servers; nothing of what is asked and answered.</summary>
internal static partial class Log
{
    [LoggerMessage(
        1, LogLevel.Information,
        "{Endpoint} is {Kind} {Version} with model {Model}, context {ContextLength} tokens")]
    public static partial void Found(
        this ILogger logger, Uri endpoint, ServerKind kind, string version, string model, int contextLength);

    [LoggerMessage(2, LogLevel.Warning, "{Endpoint} failed before the first token; the next server is asked")]
    public static partial void FailsOver(this ILogger logger, Uri endpoint, Exception error);

    [LoggerMessage(3, LogLevel.Warning, "{Endpoint} is left out for {EjectionTime}")]
    public static partial void Ejected(this ILogger logger, Uri endpoint, TimeSpan ejectionTime);

    [LoggerMessage(4, LogLevel.Information, "{Endpoint} answers again")]
    public static partial void Returned(this ILogger logger, Uri endpoint);

    [LoggerMessage(5, LogLevel.Debug, "{Endpoint} has no /tokenize; its tokenizer is taken to be the client's")]
    public static partial void IsNotProbed(this ILogger logger, Uri endpoint);
}
