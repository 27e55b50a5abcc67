using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;

namespace SmolLM3.Cli.Benchmarks;

/// <summary>What must come from memory for a step of decoding.</summary>
internal static class Traffic
{
    /// <summary>Bytes of the weights a step reads: all, but of an embedding that is not also the head only a row or
    /// two, which are not counted.</summary>
    public static long WeightBytes(GgufFile file) =>
        file.Tensors.Sum(tensor => tensor.ByteLength)
        - (file.TryGetTensor(ModelWeights.HeadName, out _) ? file.GetTensor(ModelWeights.EmbeddingName).ByteLength : 0);

    /// <summary>Bytes a step reads on average over a test, each counted once: the weights, the keys and values of the
    /// depth, which all sequences share, and those each sequence has added since.</summary>
    public static double BytesPerStep(GgufFile file, ModelInfo model, BenchTest test) =>
        WeightBytes(file) + (model.KvBytesPerToken * (test.Depth + (test.Sequences * (test.Tokens - 1) / 2.0)));
}
