namespace SmolLM3.Extensions.LLamaSharp;

/// <summary>How llama.cpp runs a model. Context, threads, adapters and the type of keys and values are
/// <see cref="SmolLM3Options"/>' business, for every engine alike.</summary>
public sealed record LLamaSharpOptions
{
    /// <summary>What it computes on. One process has one backend: the first model that is loaded settles it.</summary>
    public LLamaSharpBackend Backend { get; set; }

    /// <summary>Layers on the GPU, the output layer counted; -1: all. SmolLM3-3B has 37. The CPU backend has none.
    /// </summary>
    public int GpuLayerCount { get; set; } = -1;

    /// <summary>Number of the one GPU to use, from 0; null: all there are, split by <see cref="TensorSplit"/>.</summary>
    public int? MainGpu { get; set; }

    /// <summary>Parts of the model each GPU takes, in any unit: <c>[3, 1]</c> puts three quarters on the first. Null:
    /// by free memory.</summary>
    public IReadOnlyList<float>? TensorSplit { get; set; }

    /// <summary>Whether attention is computed without keeping its scores; null: where the backend can. 8-bit keys and
    /// values need it.</summary>
    public bool? FlashAttention { get; set; }

    /// <summary>Whether the model stays in the file's memory where it can; false: it is read into memory of its own.
    /// Default true.</summary>
    public bool UseMemoryMap { get; set; } = true;

    /// <summary>Where the native libraries are: the folder of <c>libllama</c> itself, or one that has
    /// <c>runtimes/</c>. Null: beside the program.</summary>
    public string? LibraryDirectory { get; set; }

    /// <summary>Whether a missing or broken native library is an error,
    /// <see cref="LLamaSharpUnavailableException"/>. False: the pure C# engine runs instead, with one warning. Default
    /// true.</summary>
    public bool Required { get; set; } = true;

    /// <inheritdoc/>
    public bool Equals(LLamaSharpOptions? other) => other is not null
        && (Backend, GpuLayerCount, MainGpu, FlashAttention, UseMemoryMap, LibraryDirectory, Required)
            == (other.Backend, other.GpuLayerCount, other.MainGpu, other.FlashAttention, other.UseMemoryMap,
                other.LibraryDirectory, other.Required)
        && (TensorSplit ?? []).SequenceEqual(other.TensorSplit ?? []);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Backend, GpuLayerCount, MainGpu, LibraryDirectory);

    /// <summary>Throws when a value is outside its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is.</exception>
    internal void Check()
    {
        Require(Enum.IsDefined(Backend), nameof(Backend), Backend, "is not a backend there is");
        Require(GpuLayerCount >= -1, nameof(GpuLayerCount), GpuLayerCount, "is a number of layers, or -1 for all");
        Require(MainGpu is null or >= 0, nameof(MainGpu), MainGpu, "is the number of a GPU, from 0");
        Require(MainGpu is null || TensorSplit is null, nameof(TensorSplit), TensorSplit, "splits over GPUs, and MainGpu "
            + "names the only one: set one of the two");
        foreach (float part in TensorSplit ?? [])
        {
            Require(part >= 0 && float.IsFinite(part), nameof(TensorSplit), part, "holds parts from 0 up");
        }
    }

    private static void Require(bool holds, string name, object? value, string rule)
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} {rule}.");
        }
    }
}
