using BenchmarkDotNet.Attributes;
using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Benchmarks;

/// <summary>Bringing one row of activations into the form the products read.</summary>
public unsafe class ActivationBenchmarks
{
    private const int Columns = 2048;

    private readonly NativeBuffer _x = new(Columns * sizeof(float));
    private readonly NativeBuffer _row = new(Columns * 2 * sizeof(float));
    private ActivationKernel? _kernel;

    /// <summary>The kernel sets this machine can run.</summary>
    public static IEnumerable<string> Sets => BenchmarkSettings.Sets;

    /// <summary>The kernel set.</summary>
    [ParamsSource(nameof(Sets))]
    public string Set { get; set; } = "scalar";

    /// <summary>The form.</summary>
    [Params("Q8_K", "Q8_0", "Float32")]
    public string Format { get; set; } = "Q8_K";

    /// <summary>Fills the row.</summary>
    [GlobalSetup]
    public void Setup()
    {
        Patterns.Fill((float*)_x.Pointer, Columns);
        _kernel = KernelSet.Get(Set).GetActivation(Enum.Parse<ActivationFormat>(Format));
    }

    /// <summary>2,048 values.</summary>
    [Benchmark]
    public void Quantize() => _kernel!.Quantize((float*)_x.Pointer, Columns, _row.Pointer);

    internal static PassWork Work => new(Columns * sizeof(float), 0);
}
