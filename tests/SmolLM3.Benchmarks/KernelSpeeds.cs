using System.Diagnostics;
using System.Runtime.Intrinsics;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Benchmarks;

/// <summary>
/// What a matrix product reaches: bytes of weights per second for one token, beside the bandwidth of plainly reading
/// memory in the same run, and multiply-adds per second for many tokens.
/// </summary>
internal static unsafe class KernelSpeeds
{
    private const int Columns = 2048;

    /// <summary>Much larger than any last-level cache.</summary>
    private const int DefaultMegabytes = 512;

    private static int s_threads;

    private static readonly int[] s_batches = [4, 8, 64, 512];

    private static readonly GgufTensorType[] s_types =
    [
        GgufTensorType.Q4_K, GgufTensorType.Q6_K, GgufTensorType.Q8_0, GgufTensorType.F16, GgufTensorType.F32,
    ];

    /// <param name="arguments"><c>threads=2</c>, <c>megabytes=512</c>, or parts of kernel names.</param>
    public static void Run(string[] arguments)
    {
        s_threads = Number(arguments, "threads=", Math.Min(2, Environment.ProcessorCount));
        using var weights = new NativeBuffer((long)Number(arguments, "megabytes=", DefaultMegabytes) << 20);
        string[] filters = [.. arguments.Where(argument => !argument.Contains('='))];
        Console.WriteLine($"{s_threads} threads, {Columns} columns");
        Console.WriteLine("kernel              GB/s  of read | GMAC/s at tokens: "
            + string.Join("  ", s_batches.Select(tokens => $"{tokens,5}")));
        foreach (KernelSet set in KernelSet.All.Where(set => set.IsSupported))
        {
            foreach (GgufTensorType type in s_types)
            {
                MatMulKernel kernel = set.GetMatMul(type);
                if (filters.Length > 0 && !filters.Any(kernel.Name.Contains))
                {
                    continue;
                }

                Fill(weights, type);
                double read = 0, rate = 0;
                for (int i = 0; i < 4; i++)
                {
                    read = Math.Max(read, ReadBandwidth(weights));
                    rate = Math.Max(rate, Rate(set, kernel, weights, 1).Bytes);
                }

                IEnumerable<string> batches =
                    s_batches.Select(tokens => $"{Rate(set, kernel, weights, tokens).Macs / 1e9,5:F0}");
                Console.WriteLine(
                    $"{kernel.Name,-18} {rate / 1e9,5:F1}  {rate / read,4:P0} of {read / 1e9,4:F0}  |"
                    + $"{string.Empty,19}{string.Join("  ", batches)}");
            }
        }
    }

    private static int Number(string[] arguments, string name, int standard) =>
        arguments.FirstOrDefault(argument => argument.StartsWith(name, StringComparison.Ordinal)) is { } found
            ? int.Parse(found.AsSpan(name.Length))
            : standard;

    private static (double Bytes, double Macs) Rate(
        KernelSet set, MatMulKernel kernel, NativeBuffer weights, int tokens)
    {
        long rowBytes = GgufTensorTypes.RowBytes(kernel.WeightType, Columns);
        int rows = (int)(weights.Length / rowBytes);
        if (tokens > 1)
        {
            rows = Math.Min(rows, Math.Max(2048, 2048 * 64 / tokens));
        }

        rows = rows / 64 * 64;
        ActivationKernel activation = set.GetActivation(kernel.Activations);
        long stride = activation.RowBytes(Columns);
        using var activations = new NativeBuffer(stride * tokens);
        using var x = new NativeBuffer(Columns * sizeof(float));
        var random = new Random(1);
        for (int token = 0; token < tokens; token++)
        {
            for (int i = 0; i < Columns; i++)
            {
                ((float*)x.Pointer)[i] = random.NextSingle() - 0.5f;
            }

            activation.Quantize((float*)x.Pointer, Columns, activations.Pointer + token * stride);
        }

        using var output = new NativeBuffer((long)rows * tokens * sizeof(float));
        double seconds = Best(thread => kernel.Multiply(
            weights.Pointer,
            Columns,
            rows / s_threads * thread,
            rows / s_threads * (thread + 1),
            activations.Pointer,
            tokens,
            (float*)output.Pointer,
            rows));
        return (rows * rowBytes / seconds, (double)rows * Columns * tokens / seconds);
    }

    private static double ReadBandwidth(NativeBuffer buffer)
    {
        double seconds = Best(thread =>
        {
            long part = buffer.Length / s_threads;
            byte* end = buffer.Pointer + (part * (thread + 1));
            Vector256<ulong> a = default, b = default, c = default, d = default;
            for (byte* at = buffer.Pointer + (part * thread); at < end; at += 128)
            {
                a ^= Vector256.Load((ulong*)at);
                b ^= Vector256.Load((ulong*)at + 4);
                c ^= Vector256.Load((ulong*)at + 8);
                d ^= Vector256.Load((ulong*)at + 12);
            }

            GC.KeepAlive(Vector256.Sum(a ^ b ^ c ^ d));
        });
        return buffer.Length / seconds;
    }

    /// <summary>The least seconds of a few runs on all threads, for about half a second.</summary>
    private static double Best(Action<int> work)
    {
        double best = double.MaxValue;
        var all = Stopwatch.StartNew();
        for (int run = 0; run < 3 || (all.ElapsedMilliseconds < 300 && run < 100); run++)
        {
            var watch = Stopwatch.StartNew();
            Parallel.For(0, s_threads, new ParallelOptions { MaxDegreeOfParallelism = s_threads }, work);
            best = Math.Min(best, watch.Elapsed.TotalSeconds);
        }

        return best;
    }

    private static void Fill(NativeBuffer weights, GgufTensorType type)
    {
        int block = GgufTensorTypes.BlockBytes(type);
        var pattern = new byte[block * 1024];
        new Random(1).NextBytes(pattern);
        for (int i = 0; i < pattern.Length; i += block)
        {
            // Every half and float of moderate size, wherever the format keeps it.
            switch (type)
            {
                case GgufTensorType.Q6_K:
                    pattern[i + 209] = 0x05;
                    break;
                case GgufTensorType.Q4_K:
                    pattern[i + 1] = pattern[i + 3] = 0x15;
                    break;
                case GgufTensorType.F32:
                    pattern[i + 3] = 0x3c;
                    break;
                default:
                    pattern[i + 1] = (byte)(pattern[i + 1] & 0xb3);
                    break;
            }
        }

        for (long i = 0; i < weights.Length; i += pattern.Length)
        {
            int count = (int)Math.Min(pattern.Length, weights.Length - i);
            pattern.AsSpan(0, count).CopyTo(new Span<byte>(weights.Pointer + i, count));
        }
    }
}
