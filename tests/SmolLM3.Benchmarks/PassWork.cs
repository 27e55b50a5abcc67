using BenchmarkDotNet.Running;

namespace SmolLM3.Benchmarks;

/// <summary>What one pass of a benchmark does.</summary>
/// <param name="Bytes">Bytes read.</param>
/// <param name="MultiplyAdds">Multiplications with an addition.</param>
internal readonly record struct PassWork(double Bytes, double MultiplyAdds)
{
    public static PassWork Of(BenchmarkCase benchmark)
    {
        Type type = benchmark.Descriptor.Type;
        return type == typeof(MatMulBenchmarks)
                ? MatMulBenchmarks.Work(Text("Type"), Text("Set"), (int)benchmark.Parameters["Tokens"])
            : type == typeof(AttentionBenchmarks) ? AttentionBenchmarks.Work(Text("Set"), Text("Kept"))
            : type == typeof(ActivationBenchmarks) ? ActivationBenchmarks.Work
            : type == typeof(VectorBenchmarks) ? VectorBenchmarks.Work(benchmark.Descriptor.WorkloadMethod.Name)
            : new PassWork(BenchmarkSettings.Bytes, 0);

        string Text(string name) => (string)benchmark.Parameters[name];
    }
}
