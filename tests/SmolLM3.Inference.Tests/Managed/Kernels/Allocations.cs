using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Inference.Tests.Managed.Kernels;

/// <summary>Counts what the hot path allocates.</summary>
internal static unsafe class Allocations
{
    /// <summary>Bytes the garbage collector gave to a second product for one and for many tokens.</summary>
    public static long OfSecondMultiply(KernelSet set, GgufTensorType type)
    {
        const int Rows = 40;
        const int Columns = 256;
        const int Tokens = 5;
        MatMulKernel kernel = set.GetMatMul(type);
        ActivationKernel activation = set.GetActivation(kernel.Activations);
        using var weights = new AlignedMemory(Rows * GgufTensorTypes.RowBytes(type, Columns));
        using var x = new AlignedMemory(Columns * sizeof(float));
        using var activations = new AlignedMemory(Tokens * activation.RowBytes(Columns));
        using var output = new AlignedMemory(Tokens * Rows * sizeof(float));
        void Multiply()
        {
            activation.Quantize((float*)x.Pointer, Columns, activations.Pointer);
            kernel.Multiply(weights.Pointer, Columns, 0, Rows, activations.Pointer, 1, (float*)output.Pointer, Rows);
            kernel.Multiply(
                weights.Pointer, Columns, 0, Rows, activations.Pointer, Tokens, (float*)output.Pointer, Rows);
        }

        Multiply();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Multiply();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
