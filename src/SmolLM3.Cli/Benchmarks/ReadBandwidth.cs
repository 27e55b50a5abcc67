using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using SmolLM3.Inference.Managed;

namespace SmolLM3.Cli.Benchmarks;

/// <summary>How fast this machine reads memory: what bounds decoding, where every weight is read for every step.
/// </summary>
internal static unsafe class ReadBandwidth
{
    /// <summary>Far more than the caches of common machines hold.</summary>
    private const long BufferBytes = 512L << 20;

    /// <summary>Some are disturbed; the best one counts.</summary>
    private const int Passes = 8;

    /// <summary>Parts are whole pages.</summary>
    private const int PartAlignment = 4096;

    /// <summary>Bytes a second that so many threads read together, each its own part of a buffer from start to end.
    /// </summary>
    /// <exception cref="InsufficientMemoryException">The system does not give the buffer.</exception>
    public static double Measure(int threads)
    {
        using var memory = new AlignedMemory(BufferBytes, "measuring the read bandwidth");
        using var pool = new WorkerPool(threads);
        long partBytes = BufferBytes / threads / PartAlignment * PartAlignment;
        pool.Run(new Touching(memory.Pointer, partBytes), threads);

        var reading = new Reading(memory.Pointer, partBytes, threads);
        double best = 0;
        for (int pass = 0; pass < Passes; pass++)
        {
            long start = Stopwatch.GetTimestamp();
            pool.Run(reading, threads);
            best = Math.Max(best, partBytes * threads / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    /// <summary>Pages come to lie near the thread that writes them first.</summary>
    private sealed class Touching(byte* buffer, long partBytes) : Work
    {
        public override void Run(int part, int worker) =>
            Unsafe.InitBlock(buffer + (part * partBytes), 1, (uint)partBytes);
    }

    private sealed class Reading(byte* buffer, long partBytes, int parts) : Work
    {
        // Kept, so that the loads cannot be left out.
        private readonly ulong[] _sums = new ulong[parts];

        public override void Run(int part, int worker) => _sums[part] = Read(buffer + (part * partBytes), partBytes);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static ulong Read(byte* part, long bytes)
        {
            Vector<ulong> a = default, b = default, c = default, d = default;
            for (ulong* next = (ulong*)part, end = (ulong*)(part + bytes); next < end; next += 4 * Vector<ulong>.Count)
            {
                a ^= Vector.Load(next);
                b ^= Vector.Load(next + Vector<ulong>.Count);
                c ^= Vector.Load(next + (2 * Vector<ulong>.Count));
                d ^= Vector.Load(next + (3 * Vector<ulong>.Count));
            }

            return Vector.Sum(a ^ b ^ c ^ d);
        }
    }
}
