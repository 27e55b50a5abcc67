using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Inference.Tests.Managed.Kernels;

public sealed class KernelSetTests
{
    [Fact]
    public void The_list_goes_from_the_widest_to_the_scalar_set_which_always_runs()
    {
        Assert.Equal(["avx512", "avx2", "vector128", "scalar"], KernelSet.All.Select(set => set.Name));
        Assert.True(KernelSet.All[^1].IsSupported);
    }

    [Fact]
    public void Without_a_name_the_best_supported_set_is_chosen()
    {
        KernelSet best = KernelSet.All.First(set => set.IsSupported);

        Assert.Same(best, KernelSet.Choose(null));
        Assert.Same(best, KernelSet.Choose(" "));
    }

    [Fact]
    public void A_name_forces_a_set_in_any_case() => Assert.Equal("scalar", KernelSet.Choose(" Scalar ").Name);

    [Fact]
    public void An_unknown_name_is_refused_with_the_names_that_work()
    {
        var error = Assert.Throws<ArgumentException>(() => KernelSet.Choose("mmx"));

        Assert.Contains("'mmx'", error.Message, StringComparison.Ordinal);
        Assert.All(
            KernelSet.All.Where(set => set.IsSupported),
            set => Assert.Contains(set.Name, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_set_this_machine_cannot_run_is_refused_with_the_names_that_work()
    {
        var set = new KernelSet("avx1024", isSupported: false, [], []);

        var error = Assert.Throws<PlatformNotSupportedException>(
            () => KernelSet.Get("avx1024", [set, .. KernelSet.All]));

        Assert.Contains("scalar", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("supports: avx1024", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(KernelCases.All), MemberType = typeof(KernelCases))]
    public void Every_set_has_a_kernel_for_every_type(string set, GgufTensorType type)
    {
        KernelSet kernels = KernelSet.All.Single(kernels => kernels.Name == set);
        MatMulKernel kernel = kernels.GetMatMul(type);

        Assert.Equal($"{type}/{set}".ToLowerInvariant(), kernel.Name);
        Assert.Equal(type, kernel.WeightType);
        Assert.Equal(kernel.Activations, kernels.GetActivation(kernel.Activations).Format);
    }
}
