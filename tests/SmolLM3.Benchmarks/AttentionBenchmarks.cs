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

    private NativeBuffer? _memory, _ready, _states;
    private AttentionKernel? _kernel;
    private AttentionShape _shape;
    private int _blocks;

    /// <summary>The kernel sets this machine can run.</summary>
    public static IEnumerable<string> Sets => BenchmarkSettings.Sets;

    /// <summary>The kernel set.</summary>
    [ParamsSource(nameof(Sets))]
    public string Set { get; set; } = "scalar";

    /// <summary>How keys and values are kept.</summary>
    [Params("F16", "Q8_0")]
    public string Kept { get; set; } = "F16";

    /// <summary>Makes keys, values and queries.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _shape = Shape(Kept);
        _kernel = VectorKernel.Of(KernelSet.Get(Set)).GetAttention(_shape.Type);
        _blocks = Blocks(Set, _shape);
        _memory = new NativeBuffer(_blocks * BlockBytes(_shape));
        Patterns.Fill(_memory, Block());

        _ready = new NativeBuffer(Queries * _shape.QueryLength * sizeof(float));
        using var queries = new NativeBuffer(Queries * _shape.HeadDimension * sizeof(float));
        Patterns.Fill((float*)queries.Pointer, Queries * _shape.HeadDimension);
        float scale = 1 / MathF.Sqrt(_shape.HeadDimension);
        _kernel.Prepare(_shape, (float*)queries.Pointer, Queries, scale, (float*)_ready.Pointer);
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
            AttentionKernel.Clear(_shape, all + (query * _shape.StateLength));
        }

        int part = _blocks / BenchmarkSettings.Threads;
        for (int block = part * thread; block < part * (thread + 1); block++)
        {
            byte* keys = (byte*)_memory!.Pointer + (block * BlockBytes(_shape));
            _kernel!.Attend(
                _shape, (float*)_ready!.Pointer, Queries, keys, keys + _shape.KeyBytes, _shape.BlockTokens, later);
            for (int query = 0; query < Queries; query++)
            {
                _kernel.Merge(_shape, all + (query * _shape.StateLength), later + (query * _shape.StateLength));
            }
        }
    });

    internal static PassWork Work(string set, string kept)
    {
        AttentionShape shape = Shape(kept);
        double blocks = Blocks(set, shape);
        return new PassWork(
            blocks * BlockBytes(shape), 2 * blocks * Queries * shape.BlockTokens * shape.HeadDimension);
    }

    private int StateBytes => Queries * _shape.StateLength * sizeof(float);

    private static AttentionShape Shape(string kept) =>
        new(HeadDimension: 128, KvDefaults.BlockTokens, Enum.Parse<KvCacheType>(kept));

    private static long BlockBytes(AttentionShape shape) => shape.KeyBytes + shape.ValueBytes;

    private static int Blocks(string set, AttentionShape shape)
    {
        int threads = BenchmarkSettings.Threads;
        return (int)Math.Max(threads, BenchmarkSettings.BytesOf(set) / BlockBytes(shape) / threads * threads);
    }

    /// <summary>One block of stored keys and values.</summary>
    private byte[] Block()
    {
        var block = new byte[BlockBytes(_shape)];
        using var numbers = new NativeBuffer(2L * _shape.BlockTokens * _shape.HeadDimension * sizeof(float));
        var next = (float*)numbers.Pointer;
        Patterns.Fill(next, 2 * _shape.BlockTokens * _shape.HeadDimension);
        fixed (byte* keys = block)
        {
            for (int token = 0; token < _shape.BlockTokens; token++, next += 2 * _shape.HeadDimension)
            {
                _kernel!.StoreKey(_shape, next, token, keys);
                _kernel.StoreValue(_shape, next + _shape.HeadDimension, token, keys + _shape.KeyBytes);
            }
        }

        return block;
    }
}
