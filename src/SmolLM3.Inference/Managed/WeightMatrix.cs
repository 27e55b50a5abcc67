using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed.Kernels;
using SmolLM3.Inference.Quantization;

namespace SmolLM3.Inference.Managed;

/// <summary>A matrix of weights where the file has it: <see cref="Rows"/> outputs of <see cref="Columns"/> inputs.
/// </summary>
internal sealed unsafe class WeightMatrix(GgufTensor tensor, KernelSet kernels)
{
    private readonly byte* _data = tensor.Data;
    private readonly long _rowBytes = tensor.RowBytes;
    private readonly MatMulKernel _kernel = kernels.GetMatMul(tensor.Type);

    /// <summary>Outputs.</summary>
    public int Rows { get; } = (int)tensor.RowCount;

    /// <summary>Inputs.</summary>
    public int Columns { get; } = (int)tensor.Dimensions[0];

    /// <summary>Number of weights.</summary>
    public long Count => (long)Rows * Columns;

    /// <summary>Bytes of all rows.</summary>
    public long Bytes => _rowBytes * Rows;

    /// <summary>The form in which it reads its inputs.</summary>
    public ActivationFormat Activations => _kernel.Activations;

    /// <summary>Writes one row as floats, shape <c>[columns]</c>.</summary>
    public void ReadRow(int row, float* values)
    {
        ReadOnlySpan<byte> bytes = new(_data + (row * _rowBytes), (int)_rowBytes);
        RowCodec.Dequantize(tensor.Type, bytes, new Span<float>(values, Columns));
    }

    /// <summary>
    /// <c>output[row, r] = dot(weights[r], inputs[row])</c> for the weight rows from <paramref name="first"/> to before
    /// <paramref name="end"/>; output is of shape <c>[rows, stride]</c>, and its column 0 belongs to weight row 0.
    /// </summary>
    public void Multiply(ActivationRows inputs, int first, int end, float* output, int stride) => _kernel.Multiply(
        _data, Columns, first, end, inputs.Get(Activations), inputs.Count, output, stride);
}
