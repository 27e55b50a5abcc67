using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed.Kernels.Activations;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>Q4_K weights, one value at a time.</summary>
internal sealed unsafe class Q4KScalar : KQuantMatMul
{
    public override string Name => "q4_k/scalar";

    public override GgufTensorType WeightType => GgufTensorType.Q4_K;

    protected override long RowBytes(int columns) => (long)columns / Q4KBlock.Length * Q4KBlock.Bytes;

    protected override void Decode(byte* row, int columns, byte* decoded)
    {
        for (int i = 0; i < columns / Q4KBlock.Length; i++)
        {
            KQuantDecoder.Decode((Q4KBlock*)row + i, (DecodedKBlock*)decoded + i);
        }
    }

    protected override float Dot(byte* decoded, byte* activations, int columns) =>
        KQuantDotScalar.Dot((DecodedKBlock*)decoded, (Q8KBlock*)activations, columns);
}
