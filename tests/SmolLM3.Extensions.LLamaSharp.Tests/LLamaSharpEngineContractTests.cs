using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tests.Engine;

namespace SmolLM3.Extensions.LLamaSharp.Tests;

/// <summary>The engine on llama.cpp keeps the contract.</summary>
public sealed class LLamaSharpEngineContractTests : EngineContractAdapterTests
{
    protected override IInferenceEngine Create(GgufFile file, EngineOptions options) => Llama.Create(file, options);
}
