using Microsoft.Extensions.Logging;

namespace SmolLM3.Extensions;

/// <summary>What the client says about its requests and its model. What users and the model
/// wrote is said at <see cref="LogLevel.Trace"/> only.</summary>
internal static partial class Log
{
    [LoggerMessage(
        1, LogLevel.Information,
        "Loaded {Model} in {Milliseconds} ms: {Parameters} parameters on engine {Engine} ({Kernels}, "
        + "{Threads} threads), context {ContextLength} tokens ({ContextReason}), {MaxSequences} sequences")]
    public static partial void Loaded(
        this ILogger logger,
        string model,
        long milliseconds,
        long parameters,
        string engine,
        string kernels,
        int threads,
        int contextLength,
        string contextReason,
        int maxSequences);

    [LoggerMessage(
        2, LogLevel.Warning,
        "The system message says {Mode}, which wins over what ChatOptions.Reasoning or the thinking budget asks for")]
    public static partial void FlagOverrodeRequest(this ILogger logger, string mode);

    [LoggerMessage(3, LogLevel.Debug, "The system message says {Mode}, which wins over SmolLM3Options.EnableThinking")]
    public static partial void FlagOverrodeDefault(this ILogger logger, string mode);

    [LoggerMessage(
        4, LogLevel.Warning,
        "The JSON schema of tool {Tool} asks for what cannot be enforced while the model writes, and is checked "
        + "afterwards: {Keywords}. Said once")]
    public static partial void ToolIsRelaxed(this ILogger logger, string tool, string keywords);

    [LoggerMessage(5, LogLevel.Debug, "The tool {Tool} is not a function and is left out: nothing here runs it")]
    public static partial void ToolIsIgnored(this ILogger logger, string tool);

    [LoggerMessage(
        6, LogLevel.Information,
        "The conversation outgrew the context of {ContextLength} tokens: its {Turns} oldest turns are left out, and the "
        + "prompt has {PromptTokens} tokens")]
    public static partial void TurnsAreDropped(this ILogger logger, int turns, int promptTokens, int contextLength);

    [LoggerMessage(7, LogLevel.Trace, "Prompt of response {Response}: {Prompt}")]
    public static partial void Prompt(this ILogger logger, string response, string prompt);

    [LoggerMessage(9, LogLevel.Information, "Loaded the adapter {Adapter} from {Path}")]
    public static partial void AdapterLoaded(this ILogger logger, string adapter, string path);

    [LoggerMessage(10, LogLevel.Information, "Unloaded the adapter {Adapter}")]
    public static partial void AdapterUnloaded(this ILogger logger, string adapter);

    [LoggerMessage(8, LogLevel.Trace, "Output of response {Response}: {Output}")]
    public static partial void Output(this ILogger logger, string response, string output);
}
