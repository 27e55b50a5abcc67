using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using BenchmarkDotNet.Attributes;

namespace SmolLM3.Benchmarks;

/// <summary>Plainly reading memory: what no kernel that reads its weights once can beat.</summary>
public unsafe class ReadBenchmarks
{
    private NativeBuffer? _memory;

    /// <summary>Touches every page.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _memory = new NativeBuffer(BenchmarkSettings.Bytes);
        Patterns.Fill(_memory, new byte[4096]);
    }

    /// <summary>Gives the memory back.</summary>
    [GlobalCleanup]
    public void Cleanup() => _memory?.Dispose();

    /// <summary>Every byte once, each thread its own part.</summary>
    [Benchmark]
    public void Read() => BenchmarkSettings.OnAllThreads(thread =>
    {
        long part = _memory!.Length / BenchmarkSettings.Threads / 256 * 256;
        Sum(_memory.Pointer + (part * thread), part);
    });

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static ulong Sum(byte* at, long bytes)
    {
        Vector512<ulong> a = default, b = default, c = default, d = default;
        for (byte* end = at + bytes; at < end; at += 256)
        {
            a ^= Vector512.Load((ulong*)at);
            b ^= Vector512.Load((ulong*)at + 8);
            c ^= Vector512.Load((ulong*)at + 16);
            d ^= Vector512.Load((ulong*)at + 24);
        }

        return Vector512.Sum(a ^ b ^ c ^ d);
    }
}
