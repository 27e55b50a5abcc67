using BenchmarkDotNet.Attributes;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Managed;
using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Benchmarks;

/// <summary>Attention of one KV head's query heads to a long context, as when one token is decoded.</summary>
public unsafe class AttentionBenchmarks
{
    /// <summary>Query heads to a KV head in SmolLM3.</summary>
    private const int Queries = 4;

    private static readonly AttentionShape s_shape = new(HeadDimension: 128, KvDefaults.BlockTokens);

    private NativeBuffer? _memory, _ready, _states;
    private AttentionKernel? _kernel;
    private int _blocks;

    private static long BlockBytes => s_shape.KeyBytes + s_shape.ValueBytes;

    /// <summary>The kernel sets this machine can run.</summary>
    public static IEnumerable<string> Sets => BenchmarkSettings.Sets;

    /// <summary>The kernel set.</summary>
    [ParamsSource(nameof(Sets))]
    public string Set { get; set; } = "scalar";

    /// <summary>Makes keys, values and queries.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _kernel = VectorKernel.Of(KernelSet.Get(Set)).GetAttention(KvCacheType.F16);
        _blocks = Blocks(Set);
        _memory = new NativeBuffer(_blocks * BlockBytes);
        Patterns.Fill(_memory, Patterns.Halves());

        _ready = new NativeBuffer(Queries * s_shape.QueryLength * sizeof(float));
        using var queries = new NativeBuffer(Queries * s_shape.HeadDimension * sizeof(float));
        Patterns.Fill((float*)queries.Pointer, Queries * s_shape.HeadDimension);
        float scale = 1 / MathF.Sqrt(s_shape.HeadDimension);
        _kernel.Prepare(s_shape, (float*)queries.Pointer, Queries, scale, (float*)_ready.Pointer);
        _states = new NativeBuffer(2L * BenchmarkSettings.Threads * StateBytes);
    }

    /// <summary>Gives the memory back.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _memory?.Dispose();
        _ready?.Dispose();
        _states?.Dispose();
    }

    /// <summary>Every key and value once, each thread its own blocks.</summary>
    [Benchmark]
    public void Attend() => BenchmarkSettings.OnAllThreads(thread =>
    {
        float* all = (float*)(_states!.Pointer + (2L * thread * StateBytes));
        float* later = all + (StateBytes / sizeof(float));
        for (int query = 0; query < Queries; query++)
        {
            AttentionKernel.Clear(s_shape, all + (query * s_shape.StateLength));
        }

        int part = _blocks / BenchmarkSettings.Threads;
        for (int block = part * thread; block < part * (thread + 1); block++)
        {
            byte* keys = (byte*)_memory!.Pointer + (block * BlockBytes);
            _kernel!.Attend(
                s_shape, (float*)_ready!.Pointer, Queries, keys, keys + s_shape.KeyBytes, s_shape.BlockTokens, later);
            for (int query = 0; query < Queries; query++)
            {
                _kernel.Merge(s_shape, all + (query * s_shape.StateLength), later + (query * s_shape.StateLength));
            }
        }
    });

    internal static PassWork Work(string set) =>
        new(Blocks(set) * BlockBytes, 2.0 * Blocks(set) * Queries * s_shape.BlockTokens * s_shape.HeadDimension);

    private static int StateBytes => Queries * s_shape.StateLength * sizeof(float);

    private static int Blocks(string set)
    {
        int threads = BenchmarkSettings.Threads;
        return (int)Math.Max(threads, BenchmarkSettings.BytesOf(set) / BlockBytes / threads * threads);
    }
}
