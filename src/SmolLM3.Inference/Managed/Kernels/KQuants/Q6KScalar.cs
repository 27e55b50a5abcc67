using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed.Kernels.Activations;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>Q6_K weights, one value at a time.</summary>
internal sealed unsafe class Q6KScalar : KQuantMatMul
{
    public override string Name => "q6_k/scalar";

    public override GgufTensorType WeightType => GgufTensorType.Q6_K;

    protected override long RowBytes(int columns) => (long)columns / Q6KBlock.Length * Q6KBlock.Bytes;

    protected override void Decode(byte* row, int columns, byte* decoded)
    {
        for (int i = 0; i < columns / Q6KBlock.Length; i++)
        {
            KQuantDecoder.Decode((Q6KBlock*)row + i, (DecodedKBlock*)decoded + i);
        }
    }

    protected override float Dot(byte* decoded, byte* activations, int columns) =>
        KQuantDotScalar.Dot((DecodedKBlock*)decoded, (Q8KBlock*)activations, columns);
}
