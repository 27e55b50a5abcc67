using BenchmarkDotNet.Attributes;
using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Benchmarks;

/// <summary>The element-wise pieces of a layer for one token at SmolLM3's sizes, on one thread, in the cache.</summary>
public unsafe class VectorBenchmarks
{
    private const int ModelDimension = 2048;
    private const int FeedForwardDimension = 11008;
    private const int HeadDimension = 128;

    /// <summary>Where silu is least, so that gating this with <see cref="GateUp"/> again and again gives it back: runs
    /// neither grow nor die away to subnormal numbers.</summary>
    private const float GateInput = -1.2784645f;

    /// <summary><see cref="GateInput"/> / silu(<see cref="GateInput"/>).</summary>
    private const float GateUp = 4.5910684f;

    private readonly NativeBuffer _x = new(FeedForwardDimension * sizeof(float));
    private readonly NativeBuffer _y = new(FeedForwardDimension * sizeof(float));
    private readonly NativeBuffer _z = new(FeedForwardDimension * sizeof(float));
    private VectorKernel? _kernel;

    /// <summary>The kernel sets this machine can run.</summary>
    public static IEnumerable<string> Sets => BenchmarkSettings.Sets;

    /// <summary>The kernel set.</summary>
    [ParamsSource(nameof(Sets))]
    public string Set { get; set; } = "scalar";

    private float* X => (float*)_x.Pointer;

    private float* Y => (float*)_y.Pointer;

    private float* Z => (float*)_z.Pointer;

    /// <summary>Fills all operands with ordinary numbers.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _kernel = VectorKernel.Of(KernelSet.Get(Set));
        Patterns.Fill(X, FeedForwardDimension);
        Patterns.Fill(Y, FeedForwardDimension);
        Patterns.Fill(Z, FeedForwardDimension);
    }

    /// <summary>Operands of <see cref="Gate"/>.</summary>
    [GlobalSetup(Target = nameof(Gate))]
    public void SetupGate()
    {
        Setup();
        new Span<float>(X, FeedForwardDimension).Fill(GateInput);
        new Span<float>(Y, FeedForwardDimension).Fill(GateUp);
    }

    /// <summary>Operands of <see cref="Rotate"/>: one angle, its sine negative at even places.</summary>
    [GlobalSetup(Target = nameof(Rotate))]
    public void SetupRotate()
    {
        Setup();
        (float sin, float cos) = MathF.SinCos(1);
        for (int i = 0; i < HeadDimension; i++)
        {
            Y[i] = cos;
            Z[i] = i % 2 == 0 ? -sin : sin;
        }
    }

    /// <summary>The norm before a block.</summary>
    [Benchmark]
    public void Normalize() => _kernel!.Normalize(X, Y, 1e-6f, Z, ModelDimension);

    /// <summary>The residual after a block.</summary>
    [Benchmark]
    public void Add() => _kernel!.Add(X, Y, ModelDimension);

    /// <summary>The gate of the feed-forward block.</summary>
    [Benchmark]
    public void Gate() => _kernel!.Gate(X, Y, FeedForwardDimension);

    /// <summary>RoPE of one head.</summary>
    [Benchmark]
    public void Rotate() => _kernel!.Rotate(X, Y, Z, HeadDimension);

    internal static PassWork Work(string piece) => new(
        sizeof(float) * piece switch
        {
            nameof(Gate) => 2 * FeedForwardDimension,
            nameof(Rotate) => 3 * HeadDimension,
            _ => 2 * ModelDimension,
        },
        MultiplyAdds: 0);
}
