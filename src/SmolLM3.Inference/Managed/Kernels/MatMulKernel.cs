using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Managed.Kernels;

/// <summary>
/// The product of a weight matrix in one format with a batch of activation rows, on one instruction set. Thread-safe;
/// allocates nothing once a thread's scratch has grown.
/// </summary>
/// <remarks>
/// For one (weight row, activation row) the sum is bit-identical whatever the row range, the number of tokens and the
/// thread. Integer parts are exact in any order, and each format has one order for its float additions, written down at
/// its scalar kernel; so all kernel sets agree bit for bit, too.
/// </remarks>
internal abstract unsafe class MatMulKernel
{
    /// <summary>Format and kernel set, such as <c>q4_k/avx512</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The format of the weights it reads.</summary>
    public abstract GgufTensorType WeightType { get; }

    /// <summary>The format of the activations it reads, as written by <see cref="KernelSet.GetActivation"/>.</summary>
    public abstract ActivationFormat Activations { get; }

    /// <summary>
    /// <c>output[token * outputStride + row] = dot(weights row, activations row)</c> for the rows of
    /// [<paramref name="firstRow"/>, <paramref name="endRow"/>) and every token.
    /// </summary>
    /// <param name="weights">Row 0 of the matrix; rows follow each other without gaps. No alignment is needed.</param>
    /// <param name="columns">Width of a row in elements, a multiple of the format's block.</param>
    /// <param name="firstRow">First row to compute.</param>
    /// <param name="endRow">The row after the last; ranges that start at multiples of 16 are the fastest.</param>
    /// <param name="activations">[tokens] rows of the activation kernel's row size, aligned to 64 bytes.</param>
    /// <param name="tokens">Rows of activations.</param>
    /// <param name="output">[tokens, outputStride].</param>
    /// <param name="outputStride">Elements from one token's output to the next.</param>
    public abstract void Multiply(
        byte* weights,
        int columns,
        int firstRow,
        int endRow,
        byte* activations,
        int tokens,
        float* output,
        int outputStride);
}
