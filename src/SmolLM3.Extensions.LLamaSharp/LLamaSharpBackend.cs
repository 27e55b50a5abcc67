namespace SmolLM3.Extensions.LLamaSharp;

/// <summary>What llama.cpp computes on.</summary>
public enum LLamaSharpBackend
{
    /// <summary>The first that is there: CUDA, Vulkan, then the CPU; Metal on a Mac.</summary>
    Auto,

    /// <summary>The CPU. Package <c>LLamaSharp.Backend.Cpu</c>.</summary>
    Cpu,

    /// <summary>NVIDIA GPUs, CUDA 12. Packages <c>LLamaSharp.Backend.Cuda12</c> and, for its CPU part,
    /// <c>LLamaSharp.Backend.Cpu</c>.</summary>
    Cuda,

    /// <summary>GPUs with a Vulkan driver. Packages <c>LLamaSharp.Backend.Vulkan</c> and, for its CPU part,
    /// <c>LLamaSharp.Backend.Cpu</c>.</summary>
    Vulkan,

    /// <summary>Macs with Apple silicon. It is part of the package <c>LLamaSharp.Backend.Cpu</c>.</summary>
    Metal,
}
