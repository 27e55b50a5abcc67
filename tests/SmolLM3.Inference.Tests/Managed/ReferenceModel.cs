using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed.Kernels;
using SmolLM3.Inference.Quantization;

namespace SmolLM3.Inference.Tests.Managed;

/// <summary>
/// SmolLM3 written down from its description in double precision, one token at a time, with none of the engine's code:
/// what the engine is measured against. It rounds what the engine rounds: keys and values to half numbers, and the
/// inputs of quantized matrices to eight bits.
/// </summary>
internal sealed class ReferenceModel
{
    private readonly GgufFile _file;
    private readonly Dictionary<string, double[]> _tensors = [];
    private readonly List<(double[] Key, double[] Value)>[] _cache;
    private readonly int _layers;
    private readonly int _heads;
    private readonly int _kvHeads;
    private readonly int _width;
    private readonly int _headDimension;
    private readonly double _epsilon;
    private readonly double _ropeBase;

    public ReferenceModel(GgufFile file, double yarnFactor = 1, int originalContext = 0)
    {
        _file = file;
        _layers = Number("block_count");
        _heads = Number("attention.head_count");
        _kvHeads = Number("attention.head_count_kv");
        _width = Number("embedding_length");
        _headDimension = file.Metadata.TryGetInt64("smollm3.attention.key_length", out long length)
            ? (int)length
            : _width / _heads;
        _epsilon = file.Metadata.GetDouble("smollm3.attention.layer_norm_rms_epsilon");
        _ropeBase = file.Metadata.GetDouble("smollm3.rope.freq_base");
        (YarnFactor, OriginalContext) = (yarnFactor, originalContext);
        _cache = [.. Enumerable.Range(0, _layers).Select(_ => new List<(double[], double[])>())];
    }

    private double YarnFactor { get; }

    private int OriginalContext { get; }

    /// <summary>Appends a token and gives its logits.</summary>
    public double[] Next(int token)
    {
        double[] x = Tensor("token_embd.weight")[(token * _width)..((token + 1) * _width)];
        for (int layer = 0; layer < _layers; layer++)
        {
            string name = $"blk.{layer}.";
            double[] h = Norm(x, name + "attn_norm.weight");
            double[] q = Multiply(name + "attn_q.weight", h);
            double[] k = Multiply(name + "attn_k.weight", h);
            double[] v = Multiply(name + "attn_v.weight", h);
            if (layer % 4 != 3)
            {
                Rotate(q, _cache[layer].Count);
                Rotate(k, _cache[layer].Count);
            }

            _cache[layer].Add(([.. k.Select(ToHalf)], [.. v.Select(ToHalf)]));
            x = Sum(x, Multiply(name + "attn_output.weight", Attend(q, _cache[layer])));

            h = Norm(x, name + "ffn_norm.weight");
            double[] gate = Multiply(name + "ffn_gate.weight", h);
            double[] up = Multiply(name + "ffn_up.weight", h);
            double[] gated = [.. gate.Zip(up, (g, u) => g / (1 + Math.Exp(-g)) * u)];
            x = Sum(x, Multiply(name + "ffn_down.weight", gated));
        }

        string head = _file.TryGetTensor("output.weight", out _) ? "output.weight" : "token_embd.weight";
        return Multiply(head, Norm(x, "output_norm.weight"));
    }

    private static double ToHalf(double value) => (double)(Half)(float)value;

    private static double[] Round(double[] x, ActivationFormat format) => format switch
    {
        ActivationFormat.Q8_K => [.. x.Chunk(256).SelectMany(block =>
        {
            double step = -block.MaxBy(Math.Abs) / 127;
            return block.Select(value => step == 0 ? 0 : Math.Min(127, Math.Round(value / step)) * step);
        })],
        ActivationFormat.Q8_0 => [.. x.Chunk(32).SelectMany(block =>
        {
            double step = block.Max(Math.Abs) / 127;
            return block.Select(value => step == 0 ? 0 : Math.Round(value / step) * step);
        })],
        _ => x,
    };

    private static double[] Sum(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];

    private double[] Attend(double[] q, List<(double[] Key, double[] Value)> cache)
    {
        double[] output = new double[q.Length];
        for (int head = 0; head < _heads; head++)
        {
            int kv = head * _kvHeads / _heads * _headDimension;
            int start = head * _headDimension;
            double[] scores = [.. cache.Select(entry => Enumerable.Range(0, _headDimension)
                .Sum(d => q[start + d] * entry.Key[kv + d]) / Math.Sqrt(_headDimension))];
            double[] weights = [.. scores.Select(score => Math.Exp(score - scores.Max()))];
            for (int d = 0; d < _headDimension; d++)
            {
                output[start + d] = cache.Select((entry, t) => weights[t] * entry.Value[kv + d]).Sum() / weights.Sum();
            }
        }

        return output;
    }

    private void Rotate(double[] heads, int position)
    {
        int pairs = _headDimension / 2;
        for (int i = 0; i < heads.Length; i += 2)
        {
            int pair = i / 2 % pairs;
            double frequency = Math.Pow(_ropeBase, -2.0 * pair / _headDimension);
            double size = 1;
            if (YarnFactor > 1)
            {
                double low = Math.Max(0, Math.Floor(Pair(32)));
                double high = Math.Min(_headDimension - 1, Math.Ceiling(Pair(1)));
                double interpolated = Math.Clamp((pair - low) / (high - low), 0, 1);
                frequency = (interpolated * frequency / YarnFactor) + ((1 - interpolated) * frequency);
                size = 1 + (0.1 * Math.Log(YarnFactor));
            }

            (double sin, double cos) = Math.SinCos(position * frequency);
            (double even, double odd) = (heads[i], heads[i + 1]);
            heads[i] = ((even * cos) - (odd * sin)) * size;
            heads[i + 1] = ((even * sin) + (odd * cos)) * size;
        }

        double Pair(double turns) =>
            _headDimension * Math.Log(OriginalContext / (turns * 2 * Math.PI)) / (2 * Math.Log(_ropeBase));
    }

    private double[] Norm(double[] x, string weight)
    {
        double scale = 1 / Math.Sqrt((x.Sum(value => value * value) / x.Length) + _epsilon);
        return [.. x.Zip(Tensor(weight), (value, w) => value * scale * w)];
    }

    private double[] Multiply(string matrix, double[] x)
    {
        double[] weights = Tensor(matrix);
        x = Round(x, KernelSet.Default.GetMatMul(_file.GetTensor(matrix).Type).Activations);
        double[] y = new double[weights.Length / x.Length];
        for (int row = 0; row < y.Length; row++)
        {
            double sum = 0;
            for (int i = 0; i < x.Length; i++)
            {
                sum += weights[(row * x.Length) + i] * x[i];
            }

            y[row] = sum;
        }

        return y;
    }

    private double[] Tensor(string name)
    {
        if (!_tensors.TryGetValue(name, out double[]? values))
        {
            GgufTensor tensor = _file.GetTensor(name);
            float[] row = new float[tensor.Dimensions[0]];
            values = new double[tensor.RowCount * row.Length];
            for (int r = 0; r < tensor.RowCount; r++)
            {
                RowCodec.Dequantize(tensor.Type, tensor.GetRow(r), row);
                row.Select(value => (double)value).ToArray().CopyTo(values, r * row.Length);
            }

            _tensors.Add(name, values);
        }

        return values;
    }

    private int Number(string key) => _file.Metadata.GetInt32("smollm3." + key);
}
