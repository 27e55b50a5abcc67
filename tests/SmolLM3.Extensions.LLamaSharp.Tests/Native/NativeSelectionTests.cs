using SmolLM3.Extensions.LLamaSharp.Native;

namespace SmolLM3.Extensions.LLamaSharp.Tests.Native;

/// <summary>Which native libraries are tried, by what is there.</summary>
public sealed class NativeSelectionTests
{
    private const string Root = "app";

    private static readonly NativePlatform s_linux =
        new("linux-x64", "lib", ".so", ["avx512", "avx2", "avx", "noavx"], HasCuda: true, HasVulkan: false);

    [Fact]
    public void A_machine_with_a_driver_and_no_toolkit_runs_on_cuda()
    {
        NativeSelection selection = With(s_linux, "cuda12/libllama.so", "cuda12/libggml-cuda.so", "cuda12/libggml.so",
            "cuda12/libggml-base.so", "avx2/libggml-cpu.so", "avx2/libllama.so");
        NativeCandidate[] found = [.. selection.Find(LLamaSharpBackend.Auto)];
        Assert.Equal(["cuda12", "cpu avx2"], found.Select(candidate => candidate.Name));
        Assert.Equal(
            ["libggml-base.so", "libggml-cpu.so", "libggml-cuda.so", "libggml.so", "libllama.so"],
            found[0].Libraries.Select(path => Path.GetFileName(path)));
        Assert.Contains("avx2", found[0].Libraries[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_driver_the_fastest_cpu_build_comes_first()
    {
        NativeSelection selection = With(
            s_linux with { HasCuda = false }, "cuda12/libllama.so", "noavx/libllama.so", "avx512/libllama.so");
        Assert.Equal(
            ["cpu avx512", "cpu noavx"], selection.Find(LLamaSharpBackend.Auto).Select(candidate => candidate.Name));
        Assert.Empty(selection.Find(LLamaSharpBackend.Cuda));
        Assert.Contains("No NVIDIA driver", selection.Explain(LLamaSharpBackend.Cuda), StringComparison.Ordinal);
    }

    [Fact]
    public void A_mac_has_one_build_that_computes_on_metal()
    {
        NativePlatform mac = new("osx-arm64", "lib", ".dylib", [], HasCuda: false, HasVulkan: false);
        NativeSelection selection = With(mac, "libllama.dylib", "libggml-metal.dylib", "libggml.dylib");
        NativeCandidate found = Assert.Single(selection.Find(LLamaSharpBackend.Auto));
        Assert.Equal((LLamaSharpBackend.Metal, "metal"), (found.Backend, found.Name));
        Assert.Single(selection.Find(LLamaSharpBackend.Metal));
    }

    [Fact]
    public void A_folder_of_ones_own_is_taken_as_it_is()
    {
        string[] files = [Path.Combine(Root, "libllama.so"), Path.Combine(Root, "libggml-vulkan.so")];
        NativeSelection selection = new(s_linux, [Root], files.Contains);
        NativeCandidate found = Assert.Single(selection.Find(LLamaSharpBackend.Auto));
        Assert.Equal("vulkan", found.Name);
        Assert.Equal(files[0], found.Library);
    }

    [Fact]
    public void A_folder_of_ones_own_is_not_said_to_be_what_it_is_not()
    {
        string[] files = [Path.Combine(Root, "libllama.so"), Path.Combine(Root, "libggml-base.so")];
        NativeSelection selection = new(s_linux, [Root], files.Contains);
        Assert.Empty(selection.Find(LLamaSharpBackend.Cuda));
        Assert.Equal("cpu", Assert.Single(selection.Find(LLamaSharpBackend.Cpu)).Name);
    }

    [Theory]
    [InlineData(LLamaSharpBackend.Auto, "LLamaSharp.Backend.Cpu")]
    [InlineData(LLamaSharpBackend.Cuda, "LLamaSharp.Backend.Cuda12")]
    [InlineData(LLamaSharpBackend.Vulkan, "Vulkan loader")]
    [InlineData(LLamaSharpBackend.Metal, "Apple silicon")]
    public void Where_nothing_is_found_it_says_what_to_install(LLamaSharpBackend backend, string advice)
    {
        NativeSelection selection = With(s_linux);
        Assert.Empty(selection.Find(backend));
        Assert.Contains(advice, selection.Explain(backend), StringComparison.Ordinal);
        Assert.Contains(Root, selection.Explain(backend), StringComparison.Ordinal);
    }

    private static NativeSelection With(NativePlatform platform, params string[] files)
    {
        HashSet<string> paths = [.. files.Select(file => Path.Combine(
            Root, "runtimes", platform.Rid, "native", file.Replace('/', Path.DirectorySeparatorChar)))];
        return new(platform, [Root], paths.Contains);
    }
}
