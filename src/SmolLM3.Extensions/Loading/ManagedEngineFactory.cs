using Microsoft.Extensions.Logging;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;

namespace SmolLM3.Extensions.Loading;

/// <summary>Makes the pure C# engine.</summary>
internal sealed class ManagedEngineFactory : IEngineFactory
{
    public static ManagedEngineFactory Instance { get; } = new();

    public IInferenceEngine Create(GgufFile file, EngineOptions options, ILoggerFactory loggerFactory) =>
        new ManagedEngine(file, options, loggerFactory.CreateLogger<ManagedEngine>());
}
