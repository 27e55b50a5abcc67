using SmolLM3.Inference.Gguf;

namespace SmolLM3.Cli.Info;

/// <summary>How much of a file is of one tensor type.</summary>
internal sealed record TensorTypeFacts(string Type, int Tensors, long Parameters, long Bytes)
{
    /// <summary>The types of a file, the largest share first.</summary>
    public static TensorTypeFacts[] Read(GgufFile file) =>
    [
        .. file.Tensors.GroupBy(tensor => tensor.Type)
            .Select(type => new TensorTypeFacts(
                type.Key.ToString(), type.Count(), type.Sum(Elements), type.Sum(tensor => tensor.ByteLength)))
            .OrderByDescending(type => type.Bytes),
    ];

    /// <summary>Weights in a tensor.</summary>
    public static long Elements(GgufTensor tensor) => tensor.RowCount * tensor.Dimensions[0];
}
