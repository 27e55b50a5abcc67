using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Managed.Kernels;

/// <summary>The kernels of one instruction set. <see cref="All"/> is the one list of them.</summary>
internal sealed class KernelSet
{
    /// <summary>The environment variable that names the set to use.</summary>
    public const string EnvironmentVariable = "SMOLLM3_KERNELS";

    private static KernelSet? s_default;

    private readonly Dictionary<GgufTensorType, MatMulKernel> _matMuls;
    private readonly Dictionary<ActivationFormat, ActivationKernel> _activations;

    internal KernelSet(
        string name,
        bool isSupported,
        IEnumerable<MatMulKernel> matMuls,
        IEnumerable<ActivationKernel> activations)
    {
        Name = name;
        IsSupported = isSupported;
        _matMuls = matMuls.ToDictionary(kernel => kernel.WeightType);
        _activations = activations.ToDictionary(kernel => kernel.Format);
    }

    /// <summary>Every set, the best first, whether this machine can run it or not.</summary>
    public static IReadOnlyList<KernelSet> All { get; } = KernelSets.Create();

    /// <summary>
    /// The set <see cref="EnvironmentVariable"/> names, else the best this machine can run.
    /// </summary>
    /// <exception cref="ArgumentException">The variable names no set.</exception>
    /// <exception cref="PlatformNotSupportedException">The variable names a set this machine cannot run.</exception>
    public static KernelSet Default => s_default ??= Choose(Environment.GetEnvironmentVariable(EnvironmentVariable));

    /// <summary>Its name, in lower case.</summary>
    public string Name { get; }

    /// <summary>Whether this machine can run it.</summary>
    public bool IsSupported { get; }

    /// <summary>The set <see cref="EngineOptions.Kernels"/> names, else <see cref="Default"/>.</summary>
    /// <exception cref="ArgumentException">No set has this name.</exception>
    /// <exception cref="PlatformNotSupportedException">This machine cannot run it.</exception>
    public static KernelSet For(EngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Kernels is { } name ? Get(name) : Default;
    }

    /// <summary>The set of that name.</summary>
    /// <exception cref="ArgumentException">No set has this name.</exception>
    /// <exception cref="PlatformNotSupportedException">This machine cannot run it.</exception>
    public static KernelSet Get(string name) => Get(name, All);

    /// <summary>The named set, or the best supported one for null or an empty name.</summary>
    internal static KernelSet Choose(string? name) =>
        string.IsNullOrWhiteSpace(name) ? All.First(set => set.IsSupported) : Get(name.Trim());

    /// <summary>The set of that name in a list.</summary>
    internal static KernelSet Get(string name, IReadOnlyList<KernelSet> sets)
    {
        KernelSet? set = sets.FirstOrDefault(set => string.Equals(set.Name, name, StringComparison.OrdinalIgnoreCase));
        string supported = string.Join(", ", sets.Where(set => set.IsSupported).Select(set => set.Name));
        if (set is null)
        {
            throw new ArgumentException($"There is no kernel set '{name}'. This machine supports: {supported}.");
        }

        return set.IsSupported
            ? set
            : throw new PlatformNotSupportedException(
                $"This machine cannot run the kernel set '{set.Name}'. It supports: {supported}.");
    }

    /// <summary>The matrix product for weights of this type; every type has one.</summary>
    public MatMulKernel GetMatMul(GgufTensorType type) => _matMuls[type];

    /// <summary>The kernel that writes this form of activations.</summary>
    public ActivationKernel GetActivation(ActivationFormat format) => _activations[format];
}
