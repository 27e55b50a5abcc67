using Microsoft.Extensions.Logging;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Extensions;

/// <summary>Makes the engine a model runs on. Register another one to run on something else than pure C#.</summary>
public interface IEngineFactory
{
    /// <summary>Makes an engine over an open file.</summary>
    /// <param name="file">The model; it outlives the engine and is disposed by the caller.</param>
    /// <param name="options">How the engine is set up.</param>
    /// <param name="loggerFactory">Where it logs.</param>
    /// <exception cref="UnsupportedModelException">The file is not a model this engine runs.</exception>
    IInferenceEngine Create(GgufFile file, EngineOptions options, ILoggerFactory loggerFactory);
}
