using Microsoft.Extensions.Logging;

namespace SmolLM3.Inference.Managed;

/// <summary>What the engine logs.</summary>
internal static partial class ManagedEngineLog
{
    [LoggerMessage(1, LogLevel.Information, "Loaded {Model}: {Parameters} weights, kernels {Kernels} on {Threads} "
        + "threads, context {Context}, room for {Capacity} tokens in {KvBytes} bytes.")]
    public static partial void Loaded(
        ILogger logger, string model, long parameters, string kernels, int threads, int context, int capacity,
        long kvBytes);

    [LoggerMessage(2, LogLevel.Warning, "The context of {Context} tokens is longer than the {Trained} the model was "
        + "made for; answers get worse there. YaRN (YarnFactor) stretches it.")]
    public static partial void ContextTooLong(ILogger logger, int context, int trained);
}
