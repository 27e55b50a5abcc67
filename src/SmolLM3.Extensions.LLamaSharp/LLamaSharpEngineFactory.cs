using Microsoft.Extensions.Logging;
using SmolLM3.Extensions.LLamaSharp.Native;
using SmolLM3.Extensions.Loading;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Extensions.LLamaSharp;

/// <summary>Makes engines on llama.cpp. Two factories of equal options are equal, so that clients share models.</summary>
/// <param name="Options">How it runs.</param>
internal sealed record LLamaSharpEngineFactory(LLamaSharpOptions Options) : IEngineFactory
{
    /// <summary>Loads the native library; replaced by tests.</summary>
    public Func<LLamaSharpOptions, ILogger, NativeCandidate> LoadLibrary { get; init; } = NativeLibraries.Load;

    /// <inheritdoc/>
    public IInferenceEngine Create(GgufFile file, EngineOptions options, ILoggerFactory loggerFactory)
    {
        ILogger logger = loggerFactory.CreateLogger<LLamaSharpEngine>();
        NativeCandidate backend;
        try
        {
            backend = LoadLibrary(Options, logger);
        }
        catch (LLamaSharpUnavailableException error) when (!Options.Required)
        {
            logger.FallsBack(error);
            return ManagedEngineFactory.Instance.Create(file, options, loggerFactory);
        }

        return new LLamaSharpEngine(file, options, Options, backend, logger);
    }
}
