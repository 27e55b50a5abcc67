using BenchmarkDotNet.Attributes;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Benchmarks;

/// <summary>Products of a weight matrix with one token, where memory bounds, and with many, where arithmetic does.
/// </summary>
public unsafe class MatMulBenchmarks
{
    private const int Columns = 2048;

    private NativeBuffer? _weights, _activations, _output;
    private MatMulKernel? _kernel;
    private int _rows;

    /// <summary>The kernel sets this machine can run.</summary>
    public static IEnumerable<string> Sets => BenchmarkSettings.Sets;

    /// <summary>The kernel set.</summary>
    [ParamsSource(nameof(Sets))]
    public string Set { get; set; } = "scalar";

    /// <summary>The format of the weights.</summary>
    [Params("Q4_K", "Q6_K", "Q8_0", "F16", "BF16", "F32")]
    public string Type { get; set; } = "Q4_K";

    /// <summary>Rows of activations.</summary>
    [Params(1, 4, 8, 64)]
    public int Tokens { get; set; }

    /// <summary>Makes weights and activations.</summary>
    [GlobalSetup]
    public void Setup()
    {
        KernelSet set = KernelSet.Get(Set);
        _kernel = set.GetMatMul(Enum.Parse<GgufTensorType>(Type));
        _rows = Rows(Type, Set, Tokens);
        _weights = new NativeBuffer(_rows * RowBytes(Type));
        Patterns.Fill(_weights, Patterns.Weights(_kernel.WeightType));
        _output = new NativeBuffer((long)_rows * Tokens * sizeof(float));

        ActivationKernel activation = set.GetActivation(_kernel.Activations);
        long stride = activation.RowBytes(Columns);
        _activations = new NativeBuffer(stride * Tokens);
        using var x = new NativeBuffer(Columns * sizeof(float));
        Patterns.Fill((float*)x.Pointer, Columns);
        for (int token = 0; token < Tokens; token++)
        {
            activation.Quantize((float*)x.Pointer, Columns, _activations.Pointer + (token * stride));
        }
    }

    /// <summary>Gives the memory back.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _weights?.Dispose();
        _activations?.Dispose();
        _output?.Dispose();
    }

    /// <summary>Every weight once, each thread its own rows.</summary>
    [Benchmark]
    public void Multiply() => BenchmarkSettings.OnAllThreads(thread => _kernel!.Multiply(
        _weights!.Pointer,
        Columns,
        _rows / BenchmarkSettings.Threads * thread,
        _rows / BenchmarkSettings.Threads * (thread + 1),
        _activations!.Pointer,
        Tokens,
        (float*)_output!.Pointer,
        _rows));

    internal static PassWork Work(string type, string set, int tokens)
    {
        long rows = Rows(type, set, tokens);
        return new PassWork(rows * RowBytes(type), (double)rows * Columns * tokens);
    }

    private static long RowBytes(string type) => GgufTensorTypes.RowBytes(Enum.Parse<GgufTensorType>(type), Columns);

    /// <summary>All of the memory for one token; fewer rows where arithmetic bounds. Parts start at multiples of 16.
    /// </summary>
    private static int Rows(string type, string set, int tokens)
    {
        long rows = BenchmarkSettings.BytesOf(set) / RowBytes(type);
        rows = tokens == 1 ? rows : Math.Min(rows, 128 * 1024 / tokens);
        int part = 16 * BenchmarkSettings.Threads;
        return (int)Math.Max(part, rows / part * part);
    }
}
