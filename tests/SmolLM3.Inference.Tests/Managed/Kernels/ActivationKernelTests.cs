using CsCheck;
using SmolLM3.Inference.Managed.Kernels;
using SmolLM3.Inference.Managed.Kernels.Activations;

namespace SmolLM3.Inference.Tests.Managed.Kernels;

public sealed unsafe class ActivationKernelTests
{
    private const int Columns = 512;

    private static readonly Gen<float> s_anyFloat = Gen.OneOf(
        Gen.Float[-10, 10],
        Gen.Const(0f),
        Gen.Const(2.5f),
        Gen.Const(-2.5f),
        Gen.Float[-1e-38f, 1e-38f],
        Gen.Float[-1e30f, 1e30f]);

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (string set in KernelSet.All.Select(set => set.Name))
            {
                foreach (string format in Enum.GetNames<ActivationFormat>())
                {
                    cases.Add(set, format);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_set_writes_the_same_bytes(string set, string name)
    {
        ActivationFormat format = Enum.Parse<ActivationFormat>(name);
        ActivationKernel kernel = KernelCases.Require(set).GetActivation(format);
        ActivationKernel scalar = KernelSet.Get("scalar").GetActivation(format);
        Assert.Equal(scalar.RowBytes(Columns), kernel.RowBytes(Columns));

        s_anyFloat.Array[Columns].Sample(
            x => Assert.Equal(Quantize(scalar, x), Quantize(kernel, x)), iter: 50, threads: 1);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Values_come_back_within_half_a_step(string set, string name)
    {
        ActivationFormat format = Enum.Parse<ActivationFormat>(name);
        ActivationKernel kernel = KernelCases.Require(set).GetActivation(format);
        int block = format == ActivationFormat.Q8_0 ? 32 : 256;
        Gen.Float[-3, 5].Array[Columns].Sample(
            x =>
            {
                float[] read = Read(format, Quantize(kernel, x));
                float[] steps = [.. x.Chunk(block).Select(values => values.Max(MathF.Abs) / 127)];
                for (int i = 0; i < Columns; i++)
                {
                    float step = steps[i / block];
                    float allowed = format == ActivationFormat.Float32 ? 0 : step * 0.5001f;
                    Assert.InRange(MathF.Abs(read[i] - x[i]), 0, allowed);
                }
            },
            iter: 20,
            threads: 1);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Zeros_and_what_is_next_to_zero_become_zeros(string set, string name)
    {
        ActivationFormat format = Enum.Parse<ActivationFormat>(name);
        ActivationKernel kernel = KernelCases.Require(set).GetActivation(format);
        var x = new float[Columns];
        x.AsSpan(256).Fill(format == ActivationFormat.Float32 ? 0 : 1e-40f);

        Assert.All(Quantize(kernel, x), value => Assert.Equal(0, value));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_is_not_a_number_stays_so(string set, string name)
    {
        ActivationFormat format = Enum.Parse<ActivationFormat>(name);
        ActivationKernel kernel = KernelCases.Require(set).GetActivation(format);
        var x = new float[Columns];
        x.AsSpan().Fill(1);
        x[37] = float.NaN;

        float[] read = Read(format, Quantize(kernel, x));

        Assert.True(float.IsNaN(read[37]));
        Assert.InRange(read[300], 0.999f, 1.001f);
    }

    [Theory]
    [MemberData(nameof(KernelCases.Sets), MemberType = typeof(KernelCases))]
    public void The_largest_magnitude_becomes_minus_127_and_the_sums_are_of_quants(string set)
    {
        ActivationKernel kernel = KernelCases.Require(set).GetActivation(ActivationFormat.Q8_K);
        Gen.Float[-1, 2].Array[256].Sample(
            x =>
            {
                fixed (byte* row = Quantize(kernel, x))
                {
                    var block = (Q8KBlock*)row;
                    int largest = Array.FindIndex(x, value => value == x.MaxBy(MathF.Abs));
                    Assert.Equal(-127, block->Quants[largest]);
                    for (int i = 0; i < 16; i++)
                    {
                        Assert.Equal(Enumerable.Range(i * 16, 16).Sum(j => QuantAt(block, j)), block->Sums16[i]);
                        Assert.Equal(
                            Enumerable.Range(i / 2 * 32, 32).Sum(j => QuantAt(block, j)), block->Sums32[i / 2]);
                    }
                }
            },
            iter: 20,
            threads: 1);
    }

    [Fact]
    public void Rows_are_an_odd_number_of_cache_lines()
    {
        foreach (ActivationFormat format in Enum.GetValues<ActivationFormat>())
        {
            foreach (int columns in new[] { 256, 2048, 11008 })
            {
                long bytes = KernelSet.Get("scalar").GetActivation(format).RowBytes(columns);
                Assert.Equal(0, bytes % 64);
                Assert.Equal(1, bytes / 64 % 2);
            }
        }
    }

    private static int QuantAt(Q8KBlock* block, int index) => block->Quants[index];

    private static byte[] Quantize(ActivationKernel kernel, float[] x)
    {
        using var row = new AlignedMemory(kernel.RowBytes(x.Length));
        fixed (float* values = x)
        {
            kernel.Quantize(values, x.Length, row.Pointer);
        }

        return row.Bytes.ToArray();
    }

    private static float[] Read(ActivationFormat format, byte[] row)
    {
        fixed (byte* at = row)
        {
            return ActivationReader.Read(format, at, Columns);
        }
    }
}
