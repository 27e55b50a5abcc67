using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Inference.Tests.Managed.Kernels;

/// <summary>Every kernel set with every type of weights.</summary>
internal static class KernelCases
{
    /// <summary>Set name and weight type.</summary>
    public static TheoryData<string, GgufTensorType> All()
    {
        var cases = new TheoryData<string, GgufTensorType>();
        foreach (KernelSet set in KernelSet.All)
        {
            foreach (GgufTensorType type in GgufTensorTypes.All)
            {
                cases.Add(set.Name, type);
            }
        }

        return cases;
    }

    /// <summary>Names of all sets.</summary>
    public static TheoryData<string> Sets() => [.. KernelSet.All.Select(set => set.Name)];

    /// <summary>The set of that name; skips the test where this machine cannot run it.</summary>
    public static KernelSet Require(string name)
    {
        KernelSet set = KernelSet.All.Single(set => set.Name == name);
        Assert.SkipUnless(set.IsSupported, $"This machine cannot run the kernel set '{name}'.");
        return set;
    }

    /// <summary>
    /// Widths a type's rows may have: one block, an odd number of blocks, as many as kernels take together, no multiple
    /// of 256 where possible.
    /// </summary>
    public static int[] Widths(GgufTensorType type) => GgufTensorTypes.BlockLength(type) switch
    {
        256 => [256, 3 * 256, 4 * 256, 9 * 256],
        32 => [32, 128, 384, 13 * 32],
        _ => [1, 17, 128, 384],
    };
}
