using System.Runtime.Intrinsics.X86;
using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Inference.Tests.Managed.Kernels;

/// <summary>The vector kernels this machine runs, by name.</summary>
internal static class VectorKernels
{
    public static TheoryData<string> Names
    {
        get
        {
            TheoryData<string> names = ["scalar", "128"];
            if (Avx2.IsSupported && Fma.IsSupported)
            {
                names.Add("256");
            }

            if (Avx512BW.IsSupported)
            {
                names.Add("512");
            }

            return names;
        }
    }

    public static VectorKernel Get(string name) => name switch
    {
        "scalar" => VectorKernel.Scalar,
        "128" => VectorKernel.Lanes128,
        "256" => VectorKernel.Lanes256,
        _ => VectorKernel.Lanes512,
    };
}
