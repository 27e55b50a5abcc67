namespace SmolLM3.Inference.Engine;

/// <summary>What computes, on what.</summary>
/// <param name="Name">The engine, such as <c>managed</c>.</param>
/// <param name="Kernels">The kernel set or backend, such as <c>avx512</c>.</param>
/// <param name="Threads">Threads that compute.</param>
/// <param name="IsBatchInvariant">Whether a sequence's logits are bit-equal whatever else is in the batch, however it
/// was chunked and however many threads run.</param>
public sealed record EngineInfo(string Name, string Kernels, int Threads, bool IsBatchInvariant)
{
    /// <summary>Whether the rows of one batch may use different adapters. Where not, a batch has rows of equal
    /// <see cref="AdapterSet"/>s only. Default false, which holds for every engine.</summary>
    public bool MixesAdapters { get; init; }

    /// <summary>Layers that are computed on a GPU. Default 0.</summary>
    public int GpuLayers { get; init; }
}
