using System.Reflection;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Environments;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace SmolLM3.Benchmarks;

/// <summary>Every kernel beside its scalar twin and beside plainly reading memory, as a page of tables.</summary>
internal static class KernelReport
{
    private static readonly Type[] s_benchmarks =
    [
        typeof(ReadBenchmarks),
        typeof(MatMulBenchmarks),
        typeof(AttentionBenchmarks),
        typeof(ActivationBenchmarks),
        typeof(VectorBenchmarks),
    ];

    private static readonly int[] s_many = [4, 8, 64];

    private sealed record Result(MethodInfo Method, Dictionary<string, object> Parameters, PassWork Work, double Nanoseconds)
    {
        public double BytesPerNanosecond => Work.Bytes / Nanoseconds;

        public double MultiplyAddsPerNanosecond => Work.MultiplyAdds / Nanoseconds;

        public string Set => (string)Parameters["Set"];

        /// <summary>The same work on another instruction set.</summary>
        public bool IsTwinOf(Result other) => Method == other.Method
            && Parameters.Where(p => p.Key != "Set").All(p => Equals(other.Parameters[p.Key], p.Value));
    }

    /// <summary>Measures all of it and writes the page.</summary>
    public static void Write(string path)
    {
        // No benchmark runs beside another; the read bandwidth is measured first and last.
        Result[] results = [.. s_benchmarks.Append(typeof(ReadBenchmarks))
            .SelectMany(type => BenchmarkRunner.Run(type, BenchmarkSettings.Config()).Reports)
            .Select(ToResult)];
        double read = Of<ReadBenchmarks>(results).Max(r => r.BytesPerNanosecond);
        File.WriteAllText(path, ToPage(results, read).ReplaceLineEndings("\n"));
    }

    private static Result ToResult(BenchmarkReport report)
    {
        BenchmarkCase benchmark = report.BenchmarkCase;
        double least = report.ResultStatistics?.Min
            ?? throw new InvalidOperationException($"{benchmark.DisplayInfo} gave no result.");
        return new Result(
            benchmark.Descriptor.WorkloadMethod,
            benchmark.Parameters.Items.ToDictionary(item => item.Name, item => item.Value),
            PassWork.Of(benchmark),
            least);
    }

    private static string ToPage(Result[] results, double read)
    {
        string[] sets = [.. BenchmarkSettings.Sets];
        IEnumerable<Result> BySet<T>() => Of<T>(results).OrderBy(result => Array.IndexOf(sets, result.Set));
        return $"""
            # Kernels

            Written by `dotnet run -c Release --project tests/SmolLM3.Benchmarks -- kernels docs/benchmarks/kernels.md`:
            {BenchmarkSettings.Threads} threads of {Processor()}, {RuntimeInformation.FrameworkDescription},
            {DateTime.UtcNow:yyyy-MM-dd}.
            A pass reads {BenchmarkSettings.Bytes >> 20} MiB (scalar kernels an eighth of it), and the best of five
            counts. Plainly reading memory: **{read:F1} GB/s**. "× scalar" is the speed as a multiple of the same work
            by the scalar twin.

            ## Matrix products, 2,048 columns

            One token reads every weight once and is bound by memory; many tokens are bound by arithmetic.
            F16, BF16 and F32 weights are spread as trained ones are (one half in 400 is subnormal).

            | weights | kernels | 1 token | of reading | × scalar {ManyHeads()}|
            |---|---|---|---|---|{string.Concat(s_many.Select(_ => "---|---|"))}
            {Lines(MatMulRows(BySet<MatMulBenchmarks>(), read))}

            ## Attention, four query heads to one KV head

            | kept as | kernels | keys and values read | of reading | × scalar | arithmetic |
            |---|---|---|---|---|---|
            {Lines(BySet<AttentionBenchmarks>().Select(result => $"| {result.Parameters["Kept"]} | {result.Set} | "
                + $"{ToBytes(result, read)} | {TimesScalar(result, results)} | {result.MultiplyAddsPerNanosecond:F1} GMAC/s |"))}

            ## Activations, 2,048 floats of one row, on one thread, in the cache

            | to | kernels | floats read | × scalar |
            |---|---|---|---|
            {Lines(BySet<ActivationBenchmarks>().Select(result => $"| {result.Parameters["Format"]} | {result.Set} | "
                + $"{result.BytesPerNanosecond:F1} GB/s | {TimesScalar(result, results)} |"))}

            ## Element-wise pieces of a layer, of one token, on one thread, in the cache

            | piece | kernels | a pass | read | × scalar |
            |---|---|---|---|---|
            {Lines(BySet<VectorBenchmarks>().OrderBy(result => result.Method.Name).Select(result =>
                $"| {result.Method.Name} | {result.Set} | {result.Nanoseconds:F0} ns | "
                + $"{result.BytesPerNanosecond:F1} GB/s | {TimesScalar(result, results)} |"))}

            """;
    }

    private static IEnumerable<Result> Of<T>(Result[] results) =>
        results.Where(result => result.Method.DeclaringType == typeof(T));

    private static IEnumerable<string> MatMulRows(IEnumerable<Result> results, double read) =>
        from result in results
        group result by (Type: result.Parameters["Type"], result.Set) into kernel
        orderby kernel.Key.Type.ToString()
        let one = kernel.First(result => (int)result.Parameters["Tokens"] == 1)
        let many = kernel.Where(result => result != one).Select(result =>
            $" {result.MultiplyAddsPerNanosecond:F1} GMAC/s | {TimesScalar(result, results)} |")
        select $"| {kernel.Key.Type} | {kernel.Key.Set} | {ToBytes(one, read)} | {TimesScalar(one, results)} |"
            + string.Concat(many);

    private static string ManyHeads() => string.Concat(s_many.Select(tokens => $"| {tokens} tokens | × scalar "));

    private static string Lines(IEnumerable<string> lines) => string.Join('\n', lines);

    private static string ToBytes(Result result, double read) =>
        $"{result.BytesPerNanosecond:F2} GB/s | {result.BytesPerNanosecond / read:P0}";

    private static string TimesScalar(Result result, IEnumerable<Result> results)
    {
        Result twin = results.Single(other => result.IsTwinOf(other) && other.Set == "scalar");
        return $"{result.BytesPerNanosecond / twin.BytesPerNanosecond:F1}";
    }

    /// <summary>What this machine computes on.</summary>
    internal static string Processor() =>
        HostEnvironmentInfo.GetCurrent().Cpu.Value?.ProcessorName ?? "an unknown processor";
}
