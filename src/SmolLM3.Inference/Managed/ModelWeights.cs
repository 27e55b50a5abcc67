using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed.Kernels;
using SmolLM3.Inference.Quantization;

namespace SmolLM3.Inference.Managed;

/// <summary>The weights of a model: matrices stay in the file's memory, the small norms are held as floats.</summary>
internal sealed unsafe class ModelWeights : IDisposable
{
    /// <summary>The token embedding, which is also the output head unless the file has one.</summary>
    public const string EmbeddingName = "token_embd.weight";

    /// <summary>The output head of files that do not share the embedding.</summary>
    public const string HeadName = "output.weight";

    private readonly GgufFile _file;
    private readonly KernelSet _kernels;
    private readonly Arena _norms = new("the norms");
    private readonly HashSet<string> _used = [];

    /// <summary>Finds every tensor and checks its shape.</summary>
    /// <exception cref="GgufFormatException">A tensor is missing or has another shape.</exception>
    /// <exception cref="UnsupportedModelException">The file has tensors this architecture has no place for.</exception>
    public ModelWeights(GgufFile file, ModelConfig config, KernelSet kernels)
    {
        (_file, _kernels) = (file, kernels);
        try
        {
            Embedding = Matrix(EmbeddingName, config.Vocabulary, config.Width);
            Layers = [.. Enumerable.Range(0, config.Layers).Select(layer => Layer(layer, config))];
            OutputNorm = Norm("output_norm.weight", config.Width);
            Head = file.TryGetTensor(HeadName, out _) ? Matrix(HeadName, config.Vocabulary, config.Width) : Embedding;
            RefuseStrangers();
        }
        catch
        {
            _norms.Dispose();
            throw;
        }
    }

    /// <summary>Shape <c>[vocabulary, width]</c>.</summary>
    public WeightMatrix Embedding { get; }

    /// <summary>The layers, from the embedding up.</summary>
    public IReadOnlyList<LayerWeights> Layers { get; }

    /// <summary>Shape <c>[width]</c>.</summary>
    public float* OutputNorm { get; }

    /// <summary>Shape <c>[vocabulary, width]</c>.</summary>
    public WeightMatrix Head { get; }

    /// <summary>Number of weights in the file.</summary>
    public long ParameterCount => _file.Tensors.Sum(tensor => tensor.RowCount * tensor.Dimensions[0]);

    /// <summary>Frees the norms; the file is its owner's.</summary>
    public void Dispose() => _norms.Dispose();

    private LayerWeights Layer(int layer, ModelConfig config)
    {
        string prefix = $"blk.{layer}.";
        return new LayerWeights
        {
            AttentionNorm = Norm(prefix + "attn_norm.weight", config.Width),
            Query = Matrix(prefix + "attn_q.weight", config.QueryWidth, config.Width),
            Key = Matrix(prefix + "attn_k.weight", config.KvWidth, config.Width),
            Value = Matrix(prefix + "attn_v.weight", config.KvWidth, config.Width),
            AttentionOutput = Matrix(prefix + "attn_output.weight", config.Width, config.QueryWidth),
            FeedForwardNorm = Norm(prefix + "ffn_norm.weight", config.Width),
            Gate = Matrix(prefix + "ffn_gate.weight", config.FeedForwardWidth, config.Width),
            Up = Matrix(prefix + "ffn_up.weight", config.FeedForwardWidth, config.Width),
            Down = Matrix(prefix + "ffn_down.weight", config.Width, config.FeedForwardWidth),
        };
    }

    private WeightMatrix Matrix(string name, int rows, int columns) => new(Tensor(name, rows, columns), _kernels);

    private float* Norm(string name, int columns)
    {
        GgufTensor tensor = Tensor(name, 1, columns);
        float* values = _norms.TakeFloats(columns);
        RowCodec.Dequantize(tensor.Type, tensor.GetRow(0), new Span<float>(values, columns));
        return values;
    }

    private GgufTensor Tensor(string name, int rows, int columns)
    {
        GgufTensor tensor = _file.GetTensor(name);
        _used.Add(name);
        return tensor.Dimensions[0] == columns && tensor.RowCount == rows
            ? tensor
            : throw new GgufFormatException(
                $"{Source}: The tensor {tensor} should have {rows} rows of {columns}, as the metadata says.");
    }

    // Left out in silence, these would change every result.
    private void RefuseStrangers()
    {
        foreach (GgufTensor tensor in _file.Tensors)
        {
            if (!_used.Contains(tensor.Name))
            {
                throw new UnsupportedModelException(
                    $"{Source}: The tensor '{tensor.Name}' is not part of a SmolLM3 model as this engine runs it.");
            }
        }
    }

    private string Source => _file.Path ?? "The stream";
}
