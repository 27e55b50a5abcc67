namespace SmolLM3.Extensions.LLamaSharp.Native;

/// <summary>Finds the builds of llama.cpp that are there and fit, the best first. It looks at drivers and files, not at
/// toolkits or their environment variables.</summary>
/// <param name="platform">The machine.</param>
/// <param name="directories">Where <c>runtimes/</c> or the libraries themselves may be.</param>
/// <param name="exists">Whether a file is there.</param>
internal sealed class NativeSelection(
    NativePlatform platform, IReadOnlyList<string> directories, Func<string, bool> exists)
{
    // LLamaSharp.Backend.Cuda12; others are not published.
    private const string CudaFolder = "cuda12";

    /// <summary>The builds for a backend.</summary>
    public IEnumerable<NativeCandidate> Find(LLamaSharpBackend backend) => directories.SelectMany(directory => Find(
        backend, directory));

    /// <summary>Why a backend is not among what <see cref="Find(LLamaSharpBackend)"/> finds, and what to do.</summary>
    public string Explain(LLamaSharpBackend backend)
    {
        string missing = backend switch
        {
            LLamaSharpBackend.Cuda when !platform.HasCuda =>
                "No NVIDIA driver was found. Install one, or choose another backend.",
            LLamaSharpBackend.Cuda =>
                "Add the packages LLamaSharp.Backend.Cuda12 and LLamaSharp.Backend.Cpu to the program.",
            LLamaSharpBackend.Vulkan when !platform.HasVulkan =>
                "No Vulkan loader was found. Install a GPU driver with Vulkan, or choose another backend.",
            LLamaSharpBackend.Vulkan =>
                "Add the packages LLamaSharp.Backend.Vulkan and LLamaSharp.Backend.Cpu to the program.",
            LLamaSharpBackend.Metal when !platform.HasMetal =>
                "Metal is only on Macs with Apple silicon. Choose another backend.",
            _ => "Add the package LLamaSharp.Backend.Cpu to the program; for a GPU also LLamaSharp.Backend.Cuda12 or "
                + "LLamaSharp.Backend.Vulkan.",
        };
        return $"Nothing for the backend {backend} on {platform.Rid} is in {string.Join(", ", directories)}. {missing}";
    }

    private IEnumerable<NativeCandidate> Find(LLamaSharpBackend backend, string directory)
    {
        string own = Path.Combine(directory, platform.FileName("llama"));
        if (exists(own))
        {
            LLamaSharpBackend taken = backend == LLamaSharpBackend.Auto ? Guess(directory) : backend;
            return Has(directory, taken) ? [Build(taken, directory, directory)] : [];
        }

        string folder = Path.Combine(directory, "runtimes", platform.Rid, "native");
        IEnumerable<NativeCandidate> candidates = backend switch
        {
            LLamaSharpBackend.Auto => [.. Cuda(folder), .. Vulkan(folder), .. Cpu(folder)],
            LLamaSharpBackend.Cuda => Cuda(folder),
            LLamaSharpBackend.Vulkan => Vulkan(folder),
            LLamaSharpBackend.Metal => platform.HasMetal ? Cpu(folder) : [],
            _ => Cpu(folder),
        };
        return candidates.Where(candidate => exists(candidate.Library));
    }

    private IEnumerable<NativeCandidate> Cuda(string folder) => platform.HasCuda
        ? [Build(LLamaSharpBackend.Cuda, Path.Combine(folder, CudaFolder), BestCpu(folder))]
        : [];

    private IEnumerable<NativeCandidate> Vulkan(string folder) => platform.HasVulkan
        ? [Build(LLamaSharpBackend.Vulkan, Path.Combine(folder, "vulkan"), BestCpu(folder))]
        : [];

    private IEnumerable<NativeCandidate> Cpu(string folder)
    {
        LLamaSharpBackend backend = platform.HasMetal ? LLamaSharpBackend.Metal : LLamaSharpBackend.Cpu;
        return platform.CpuLevels.Count == 0
            ? [Build(backend, folder, folder)]
            : platform.CpuLevels.Select(level => Build(
                backend, Path.Combine(folder, level), Path.Combine(folder, level)));
    }

    private string BestCpu(string folder) => platform.CpuLevels
        .Select(level => Path.Combine(folder, level))
        .FirstOrDefault(path => exists(Path.Combine(path, platform.FileName("ggml-cpu")))) ?? folder;

    // Each needs those before it. What a build does not have is left out.
    private NativeCandidate Build(LLamaSharpBackend backend, string folder, string cpuFolder)
    {
        string[] paths =
        [
            .. Existing(folder, "ggml-base"),
            .. Existing(cpuFolder, "ggml-cpu"),
            .. Existing(folder, "ggml-cuda"),
            .. Existing(folder, "ggml-vulkan"),
            .. Existing(folder, "ggml-blas"),
            .. Existing(folder, "ggml-metal"),
            .. Existing(folder, "ggml"),
            Path.Combine(folder, platform.FileName("llama")),
        ];
        return new(backend, Describe(backend, folder), paths);
    }

    private IEnumerable<string> Existing(string folder, string library)
    {
        string path = Path.Combine(folder, platform.FileName(library));
        return exists(path) ? [path] : [];
    }

    private LLamaSharpBackend Guess(string folder) =>
        Existing(folder, "ggml-cuda").Any() ? LLamaSharpBackend.Cuda
        : Existing(folder, "ggml-vulkan").Any() ? LLamaSharpBackend.Vulkan
        : platform.HasMetal ? LLamaSharpBackend.Metal
        : LLamaSharpBackend.Cpu;

    // A build that is one library does not show what is in it.
    private bool Has(string folder, LLamaSharpBackend backend) => !Existing(folder, "ggml-base").Any() || backend switch
    {
        LLamaSharpBackend.Cuda => Existing(folder, "ggml-cuda").Any(),
        LLamaSharpBackend.Vulkan => Existing(folder, "ggml-vulkan").Any(),
        LLamaSharpBackend.Metal => platform.HasMetal,
        _ => true,
    };

    private string Describe(LLamaSharpBackend backend, string folder)
    {
        string last = Path.GetFileName(folder);
        return backend switch
        {
            LLamaSharpBackend.Cpu => platform.CpuLevels.Contains(last) ? $"cpu {last}" : "cpu",
            LLamaSharpBackend.Cuda => last == CudaFolder ? CudaFolder : "cuda",
            LLamaSharpBackend.Vulkan => "vulkan",
            _ => "metal",
        };
    }
}
