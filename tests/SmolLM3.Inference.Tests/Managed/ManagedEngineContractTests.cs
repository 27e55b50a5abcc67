using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;
using SmolLM3.Inference.Tests.Engine;

namespace SmolLM3.Inference.Tests.Managed;

/// <summary>The managed engine keeps the contract.</summary>
public sealed class ManagedEngineContractTests : EngineContractAdapterTests
{
    protected override IInferenceEngine Create(GgufFile file, EngineOptions options) => new ManagedEngine(file, options);
}
