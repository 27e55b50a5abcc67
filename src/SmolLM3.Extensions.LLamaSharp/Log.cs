using Microsoft.Extensions.Logging;

namespace SmolLM3.Extensions.LLamaSharp;

/// <summary>What this engine logs.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning,
        "llama.cpp is not to be had; the pure C# engine runs instead. Set LLamaSharpOptions.Required to make this an error.")]
    public static partial void FallsBack(this ILogger logger, Exception error);

    [LoggerMessage(2, LogLevel.Information,
        "llama.cpp runs on {Backend} from {Library}: {GpuLayers} of {Layers} layers on the GPU, {Threads} threads, "
        + "{Capacity} tokens of keys and values")]
    public static partial void Runs(
        this ILogger logger, string backend, string? library, int gpuLayers, int layers, int threads, int capacity);

    [LoggerMessage(3, LogLevel.Warning,
        "The process has already loaded llama.cpp on {Loaded}; {Asked} was asked for and is not used.")]
    public static partial void OtherBackend(this ILogger logger, string loaded, LLamaSharpBackend asked);

    [LoggerMessage(6, LogLevel.Warning,
        "The process has already loaded llama.cpp from {Loaded}; {Asked} was asked for and is not used.")]
    public static partial void OtherDirectory(this ILogger logger, string loaded, string asked);

    [LoggerMessage(4, LogLevel.Information, "llama.cpp could not be loaded from {Library}: {Reason}")]
    public static partial void NotLoaded(this ILogger logger, string library, string reason);

    [LoggerMessage(7, LogLevel.Warning,
        "llama.cpp's {Backend} found no GPU to compute on and uses the CPU. Look at the driver, and at variables that hide "
        + "GPUs, such as CUDA_VISIBLE_DEVICES.")]
    public static partial void NoGpu(this ILogger logger, string backend);

    [LoggerMessage(EventId = 5, Message = "llama.cpp: {Line}")]
    public static partial void Says(this ILogger logger, LogLevel level, string line);
}
