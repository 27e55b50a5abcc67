using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed.Kernels.Activations;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>Q4_K weights on any processor with 128-bit vectors.</summary>
internal sealed unsafe class Q4KVector128 : KQuantMatMul
{
    public override string Name => "q4_k/vector128";

    public override GgufTensorType WeightType => GgufTensorType.Q4_K;

    protected override long RowBytes(int columns) => (long)columns / Q4KBlock.Length * Q4KBlock.Bytes;

    protected override void Decode(byte* row, int columns, byte* decoded)
    {
        for (int i = 0; i < columns / Q4KBlock.Length; i++)
        {
            KQuantDecoderVector128.Decode((Q4KBlock*)row + i, (DecodedKBlock*)decoded + i);
        }
    }

    protected override float Dot(byte* decoded, byte* activations, int columns) =>
        KQuantDotVector128.Dot((DecodedKBlock*)decoded, (Q8KBlock*)activations, columns);
}
