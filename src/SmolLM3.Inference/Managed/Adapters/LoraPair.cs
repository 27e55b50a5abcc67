using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Quantization;

namespace SmolLM3.Inference.Managed.Adapters;

/// <summary>What an adapter adds to one matrix, <c>factor · B (A x)</c>, as floats.</summary>
internal sealed unsafe class LoraPair
{
    /// <summary>Copies the tensors.</summary>
    /// <param name="tensors">What the file has.</param>
    /// <param name="memory">Where they are copied to.</param>
    /// <exception cref="InsufficientMemoryException">There is not that much memory.</exception>
    public LoraPair(LoraTensors tensors, Arena memory)
    {
        (Rank, Factor) = (tensors.Rank, tensors.Factor);
        (Inputs, Outputs) = ((int)tensors.A.Dimensions[0], (int)tensors.B.RowCount);
        A = memory.TakeFloats((long)Rank * Inputs);
        B = memory.TakeFloats((long)Rank * Outputs);
        for (int r = 0; r < Rank; r++)
        {
            RowCodec.Dequantize(
                tensors.A.Type, tensors.A.GetRow(r), new Span<float>(A + ((long)r * Inputs), Inputs));
        }

        float[] row = new float[Rank];
        for (int output = 0; output < Outputs; output++)
        {
            RowCodec.Dequantize(tensors.B.Type, tensors.B.GetRow(output), row);
            for (int r = 0; r < Rank; r++)
            {
                B[((long)r * Outputs) + output] = row[r];
            }
        }
    }

    /// <summary>The rank.</summary>
    public int Rank { get; }

    /// <summary>Inputs of the matrix.</summary>
    public int Inputs { get; }

    /// <summary>Outputs of the matrix.</summary>
    public int Outputs { get; }

    /// <summary>What all is multiplied by.</summary>
    public float Factor { get; }

    /// <summary>Shape <c>[rank, inputs]</c>.</summary>
    public float* A { get; }

    /// <summary>Shape <c>[rank, outputs]</c>: turned, so that a sum over the rank runs along whole vectors.</summary>
    public float* B { get; }
}
