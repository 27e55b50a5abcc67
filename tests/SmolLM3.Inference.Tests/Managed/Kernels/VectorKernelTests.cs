using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Inference.Tests.Managed.Kernels;

public sealed unsafe class VectorKernelTests
{
    private static readonly int[] Lengths = [1, 2, 7, 15, 16, 17, 31, 64, 100, 257];

    public static TheoryData<string> Names => VectorKernels.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Normalizing_gives_a_mean_square_of_one_times_the_weight(string name)
    {
        foreach (int length in Lengths)
        {
            float[] x = Numbers(length, 1), weight = Numbers(length, 2), y = new float[length];
            double mean = x.Sum(value => (double)value * value) / length;
            fixed (float* px = x, pw = weight, py = y)
            {
                VectorKernels.Get(name).Normalize(px, pw, 1e-6f, py, length);
            }

            for (int i = 0; i < length; i++)
            {
                Assert.Equal(x[i] / Math.Sqrt(mean + 1e-6) * weight[i], y[i], 1e-5);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Adding_adds_every_element(string name)
    {
        foreach (int length in Lengths)
        {
            float[] x = Numbers(length, 1), y = Numbers(length, 2);
            float[] expected = [.. x.Zip(y, (a, b) => a + b)];
            fixed (float* px = x, py = y)
            {
                VectorKernels.Get(name).Add(px, py, length);
            }

            Assert.Equal(expected, x);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_gate_is_its_silu_times_the_other_side_from_end_to_end_of_the_range(string name)
    {
        float[] gate = [.. Numbers(257, 3).Select((value, i) => value * (i % 5 == 0 ? 60 : 3)), -1e30f, -200, 0, 200, 1e30f];
        float[] up = Numbers(gate.Length, 4);
        double[] expected = [.. gate.Zip(up, (g, u) => g / (1 + Math.Exp(-(double)g)) * u)];
        fixed (float* pg = gate, pu = up)
        {
            VectorKernels.Get(name).Gate(pg, pu, gate.Length);
        }

        for (int i = 0; i < gate.Length; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - gate[i]) <= (3e-6 * Math.Abs(expected[i])) + 1e-5, $"{i}: {expected[i]} {gate[i]}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Rotating_turns_neighbours_by_their_angle(string name)
    {
        foreach (int pairs in new[] { 1, 3, 8, 16, 20, 64 })
        {
            float[] x = Numbers(2 * pairs, 5), cos = new float[2 * pairs], sin = new float[2 * pairs];
            double[] expected = new double[2 * pairs];
            for (int i = 0; i < pairs; i++)
            {
                double angle = i * 0.7;
                cos[2 * i] = cos[(2 * i) + 1] = (float)Math.Cos(angle);
                sin[2 * i] = -(sin[(2 * i) + 1] = (float)Math.Sin(angle));
                expected[2 * i] = (x[2 * i] * Math.Cos(angle)) - (x[(2 * i) + 1] * Math.Sin(angle));
                expected[(2 * i) + 1] = (x[2 * i] * Math.Sin(angle)) + (x[(2 * i) + 1] * Math.Cos(angle));
            }

            fixed (float* px = x, pc = cos, ps = sin)
            {
                VectorKernels.Get(name).Rotate(px, pc, ps, 2 * pairs);
            }

            Assert.All(x.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_element_comes_out_the_same_wherever_it_stands(string name)
    {
        VectorKernel kernel = VectorKernels.Get(name);
        float[] gate = Numbers(200, 6), up = Numbers(200, 7);
        float[] whole = [.. gate];
        fixed (float* pw = whole, pu = up)
        {
            kernel.Gate(pw, pu, 200);
        }

        foreach ((int start, int length) in new[] { (0, 3), (1, 17), (5, 64), (33, 100), (199, 1) })
        {
            float[] part = [.. gate];
            fixed (float* pp = part, pu = up)
            {
                kernel.Gate(pp + start, pu + start, length);
            }

            Assert.Equal(whole[start..(start + length)], part[start..(start + length)]);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Dot_products_are_those_of_each_row_whatever_their_number(string name)
    {
        VectorKernel kernel = VectorKernels.Get(name);
        foreach (int columns in Lengths)
        {
            float[] x = Numbers(columns, 8), a = Numbers(7 * columns, 9), together = new float[7], alone = new float[7];
            fixed (float* px = x, pa = a, pt = together, po = alone)
            {
                kernel.Dots(px, pa, columns, 7, 0.5f, pt);
                for (int r = 0; r < 7; r++)
                {
                    kernel.Dots(px, pa + (r * columns), columns, 1, 0.5f, po + r);
                }
            }

            Assert.Equal(alone, together);
            for (int r = 0; r < 7; r++)
            {
                double expected = 0.5 * x.Select((value, i) => (double)value * a[(r * columns) + i]).Sum();
                Assert.Equal(expected, alone[r], 1e-4);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Products_are_added_to_every_element_the_same_wherever_it_stands(string name)
    {
        VectorKernel kernel = VectorKernels.Get(name);
        const int Stride = 300;
        float[] t = Numbers(5, 10), b = Numbers(5 * Stride, 11), start = Numbers(Stride, 12);
        float[] whole = [.. start];
        fixed (float* pt = t, pb = b, pw = whole)
        {
            kernel.AddProducts(pt, pb, Stride, 5, pw, Stride);
        }

        for (int i = 0; i < Stride; i++)
        {
            double expected = start[i] + t.Select((value, r) => (double)value * b[(r * Stride) + i]).Sum();
            Assert.Equal(expected, whole[i], 1e-5);
        }

        foreach ((int first, int count) in new[] { (0, 3), (1, 17), (16, 64), (33, 100), (299, 1) })
        {
            float[] part = [.. start];
            fixed (float* pt = t, pb = b, pp = part)
            {
                kernel.AddProducts(pt, pb + first, Stride, 5, pp + first, count);
            }

            Assert.Equal(whole[first..(first + count)], part[first..(first + count)]);
            Assert.Equal(start[..first], part[..first]);
            Assert.Equal(start[(first + count)..], part[(first + count)..]);
        }
    }

    private static float[] Numbers(int count, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() * 4) - 2)];
    }
}
