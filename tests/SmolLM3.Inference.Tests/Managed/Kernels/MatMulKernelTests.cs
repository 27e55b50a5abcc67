using CsCheck;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Inference.Tests.Managed.Kernels;

public sealed class MatMulKernelTests
{
    /// <summary>The model's widest rows: 43 blocks.</summary>
    private const int FeedForwardLength = 11008;

    public static TheoryData<string, GgufTensorType> Cases => KernelCases.All();

    public static TheoryData<GgufTensorType> OwnKernels =>
        [GgufTensorType.Q4_K, GgufTensorType.Q6_K, GgufTensorType.Q8_0];

    private static KernelSet Scalar => KernelSet.Get("scalar");

    [Theory]
    [MemberData(nameof(Cases))]
    public void Products_are_those_of_the_dequantized_numbers(string set, GgufTensorType type)
    {
        KernelSet kernels = KernelCases.Require(set);
        foreach (int columns in KernelCases.Widths(type).Append(FeedForwardLength))
        {
            using var matrix = new TestMatrix(type, rows: columns == FeedForwardLength ? 2 : 5, columns, tokens: 2);
            double[] expected = matrix.Expected(kernels, out double[] norms);
            float[] actual = matrix.Multiply(kernels);
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.InRange(Math.Abs(expected[i] - actual[i]), 0, norms[i] * 1e-5);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Many_tokens_give_the_bits_of_one(string set, GgufTensorType type)
    {
        KernelSet kernels = KernelCases.Require(set);
        foreach (int columns in GgufTensorTypes.BlockLength(type) == 256 ? [256, 7 * 256] : new[] { 96 })
        {
            using var matrix = new TestMatrix(type, rows: 37, columns, tokens: 70);
            float[][] single = [.. Enumerable.Range(0, matrix.Tokens).Select(
                token => matrix.Multiply(kernels, 0, matrix.Rows, token, 1, matrix.Rows))];
            foreach (int tokens in new[] { 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 33, 70 })
            {
                float[] many = matrix.Multiply(kernels, 0, matrix.Rows, 0, tokens, matrix.Rows);
                Assert.Equal(single.Take(tokens).SelectMany(row => row), many);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Any_row_range_gives_the_bits_of_the_whole_and_writes_nothing_else(string set, GgufTensorType type)
    {
        KernelSet kernels = KernelCases.Require(set);
        const int Rows = 77;
        const int Stride = Rows + 3;
        using var matrix = new TestMatrix(type, Rows, columns: 256, tokens: 18);
        int[] counts = [1, 2, 3, 4, 5, 6, 16, 18];
        Dictionary<int, float[]> whole = counts.ToDictionary(
            tokens => tokens, tokens => matrix.Multiply(kernels, 0, Rows, 0, tokens, Stride));

        Gen.Select(Gen.Int[0, Rows], Gen.Int[0, Rows], Gen.Int[0, counts.Length - 1].Select(i => counts[i])).Sample(
            (a, b, tokens) =>
            {
                (int first, int end) = (Math.Min(a, b), Math.Max(a, b));
                float[] part = matrix.Multiply(kernels, first, end, 0, tokens, Stride);
                for (int i = 0; i < part.Length; i++)
                {
                    bool inside = i % Stride >= first && i % Stride < end;
                    Assert.Equal(inside ? whole[tokens][i] : -1f, part[i]);
                }
            },
            iter: 60,
            threads: 1);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_set_gives_the_bits_of_the_scalar_one(string set, GgufTensorType type)
    {
        KernelSet kernels = KernelCases.Require(set);
        foreach (int columns in KernelCases.Widths(type).Append(FeedForwardLength))
        {
            using var matrix = new TestMatrix(type, rows: 34, columns, tokens: 5, seed: columns);
            float[] expected = matrix.Multiply(Scalar);
            Assert.Equal(expected, matrix.Multiply(kernels));
            Assert.Equal(expected[..matrix.Rows], matrix.Multiply(kernels, 0, matrix.Rows, 0, 1, matrix.Rows));
        }
    }

    [Theory]
    [MemberData(nameof(OwnKernels))]
    public void Any_bits_are_summed_without_overflow(GgufTensorType type)
    {
        foreach (int kind in Enumerable.Range(0, 4))
        {
            using var matrix = new TestMatrix(type, rows: 36, columns: 7 * 256, tokens: 5, seed: kind);
            if (kind == 0)
            {
                matrix.Randomize();
            }
            else
            {
                matrix.Fill(kind switch { 1 => 0, 2 => 0x7f, _ => 0x80 });
                // Every activation at the end of its range, so that nothing cancels.
                for (int i = 0; i < matrix.Columns; i++)
                {
                    (matrix.X[0][i], matrix.X[1][i], matrix.X[2][i]) = (1, -1, i % 2 == 0 ? 1 : -1);
                }
            }

            double[] expected = matrix.Expected(Scalar, out double[] norms);
            foreach (KernelSet set in KernelSet.All.Where(set => set.IsSupported))
            {
                float[] actual = matrix.Multiply(set);
                Assert.All(
                    actual.Zip(expected, norms),
                    item => Assert.InRange(Math.Abs(item.First - item.Second), 0, item.Third * 1e-5));
                float[] exact = matrix.Multiply(Scalar);
                Assert.Equal(exact, actual);
                for (int tokens = 1; tokens < matrix.Tokens; tokens++)
                {
                    Assert.Equal(
                        exact[..(tokens * matrix.Rows)], matrix.Multiply(set, 0, matrix.Rows, 0, tokens, matrix.Rows));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Multiplying_again_allocates_nothing(string set, GgufTensorType type)
    {
        KernelSet kernels = KernelCases.Require(set);
        Assert.Equal(0, Allocations.OfSecondMultiply(kernels, type));
    }
}
