using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed.Kernels;
using SmolLM3.Inference.Quantization;

namespace SmolLM3.Inference.Tests.Managed.Kernels;

/// <summary>Random weights and activations, and their product by any kernel set and in double precision.</summary>
internal sealed unsafe class TestMatrix : IDisposable
{
    private readonly AlignedMemory _weights;
    private readonly Random _random;
    private readonly long _rowBytes;

    public TestMatrix(GgufTensorType type, int rows, int columns, int tokens, int seed = 1)
    {
        (Type, Rows, Columns, Tokens) = (type, rows, columns, tokens);
        _random = new Random(seed);
        _rowBytes = GgufTensorTypes.RowBytes(type, columns);
        // Rows lie anywhere that is even; floats where floats may.
        _weights = new AlignedMemory(rows * _rowBytes, type == GgufTensorType.F32 ? 4 : 2);
        for (int row = 0; row < rows; row++)
        {
            RowCodec.Quantize(type, Values(columns), RowBytes(row));
        }

        X = [.. Enumerable.Range(0, tokens).Select(_ => Values(columns))];
    }

    public GgufTensorType Type { get; }

    public int Rows { get; }

    public int Columns { get; }

    public int Tokens { get; }

    /// <summary>[Tokens][Columns]; may be changed.</summary>
    public float[][] X { get; }

    /// <summary>Replaces the weights by any bits, with scales of moderate size.</summary>
    public void Randomize()
    {
        _random.NextBytes(_weights.Bytes);
        SetScales();
    }

    /// <summary>Replaces all weights by the same byte, with scales of moderate size.</summary>
    public void Fill(byte value)
    {
        _weights.Bytes.Fill(value);
        SetScales();
    }

    /// <summary>The product by the kernel: [Tokens, Rows].</summary>
    public float[] Multiply(KernelSet set) => Multiply(set, 0, Rows, 0, Tokens, Rows);

    /// <summary>The product for some rows and tokens: [tokens, stride], untouched elements are -1.</summary>
    public float[] Multiply(KernelSet set, int firstRow, int endRow, int firstToken, int tokens, int stride)
    {
        MatMulKernel kernel = set.GetMatMul(Type);
        using AlignedMemory activations = Quantize(set, firstToken, tokens);
        var output = new float[tokens * stride];
        output.AsSpan().Fill(-1);
        fixed (float* y = output)
        {
            kernel.Multiply(
                _weights.Pointer, Columns, firstRow, endRow, activations.Pointer, tokens, y, stride);
        }

        return output;
    }

    /// <summary>The product of what the weights and the activations stand for: [Tokens, Rows].</summary>
    public double[] Expected(KernelSet set, out double[] norms)
    {
        ActivationFormat format = set.GetMatMul(Type).Activations;
        long stride = set.GetActivation(format).RowBytes(Columns);
        using AlignedMemory activations = Quantize(set, 0, Tokens);
        var products = new double[Tokens * Rows];
        norms = new double[Tokens * Rows];
        var weights = new float[Columns];
        for (int row = 0; row < Rows; row++)
        {
            RowCodec.Dequantize(Type, RowBytes(row), weights);
            for (int token = 0; token < Tokens; token++)
            {
                float[] x = ActivationReader.Read(format, activations.Pointer + token * stride, Columns);
                int at = token * Rows + row;
                products[at] = weights.Zip(x, (w, a) => (double)w * a).Sum();
                norms[at] = Math.Sqrt(
                    weights.Sum(w => (double)w * w) * x.Sum(a => (double)a * a));
            }
        }

        return products;
    }

    public void Dispose() => _weights.Dispose();

    private AlignedMemory Quantize(KernelSet set, int firstToken, int tokens)
    {
        ActivationKernel kernel = set.GetActivation(set.GetMatMul(Type).Activations);
        long stride = kernel.RowBytes(Columns);
        var memory = new AlignedMemory(tokens * stride);
        for (int token = 0; token < tokens; token++)
        {
            fixed (float* x = X[firstToken + token])
            {
                kernel.Quantize(x, Columns, memory.Pointer + token * stride);
            }
        }

        return memory;
    }

    private Span<byte> RowBytes(int row) => _weights.Bytes.Slice((int)(row * _rowBytes), (int)_rowBytes);

    private float[] Values(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)((_random.NextDouble() + _random.NextDouble() - 1) * 0.1))];

    private void SetScales()
    {
        int[] offsets = Type switch
        {
            GgufTensorType.Q4_K => [0, 2],
            GgufTensorType.Q6_K => [208],
            GgufTensorType.Q8_0 => [0],
            _ => throw new NotSupportedException($"Where {Type} keeps its scales is not known here."),
        };
        int blockBytes = GgufTensorTypes.BlockBytes(Type);
        for (int block = 0; block < _weights.Length; block += blockBytes)
        {
            foreach (int offset in offsets)
            {
                var scale = (Half)(_random.NextDouble() * 0.01 - 0.001);
                BitConverter.TryWriteBytes(_weights.Bytes[(block + offset)..], scale);
            }
        }
    }
}
