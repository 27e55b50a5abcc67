using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Inference.Tests.Managed.Kernels;

public sealed unsafe class AttentionKernelTests
{
    public static TheoryData<string, int, int, int> Cases
    {
        get
        {
            TheoryData<string, int, int, int> cases = [];
            foreach (string name in VectorKernels.Names)
            {
                foreach ((int dimension, int block, int queries) in
                    new[] { (128, 64, 4), (64, 4, 1), (32, 32, 6), (40, 48, 3), (16, 7, 9) })
                {
                    cases.Add(name, dimension, block, queries);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Blocks_merged_in_order_give_softmax_attention(string name, int dimension, int blockTokens, int queries)
    {
        CompareWithSoftmax(name, new AttentionShape(dimension, blockTokens), queries, numbers => numbers, 2e-6);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Kept_as_8_bits_it_is_softmax_attention_to_the_rounded_numbers(
        string name, int dimension, int blockTokens, int queries)
    {
        AttentionShape shape = new(dimension, blockTokens, KvCacheType.Q8_0);
        CompareWithSoftmax(name, shape, queries, numbers => Rounded(numbers, dimension), 4e-6);
    }

    private static void CompareWithSoftmax(
        string name, AttentionShape shape, int queries, Func<float[], float[]> kept, double tolerance)
    {
        (int dimension, int blockTokens) = (shape.HeadDimension, shape.BlockTokens);
        AttentionKernel kernel = VectorKernels.Get(name).GetAttention(shape.Type);
        foreach (int tokens in new[] { 1, 3, blockTokens, blockTokens + 1, (3 * blockTokens) - 1 })
        {
            Random random = new(tokens);
            float[] query = Numbers(random, queries * dimension, 3);
            float[] keys = Numbers(random, tokens * dimension, 1);
            float[] values = Numbers(random, tokens * dimension, 1);

            float[] actual = Run(kernel, shape, query, keys, values, queries);

            double[] expected = Softmax(query, kept(keys), kept(values), queries, dimension);
            Assert.All(actual.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, tolerance));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_query_comes_out_the_same_whatever_the_block_holds_after_its_last_token(
        string name, int dimension, int blockTokens, int queries)
    {
        foreach (KvCacheType type in Enum.GetValues<KvCacheType>())
        {
            Compare(VectorKernels.Get(name).GetAttention(type), new AttentionShape(dimension, blockTokens, type), queries);
        }
    }

    private static void Compare(AttentionKernel kernel, AttentionShape shape, int queries)
    {
        int dimension = shape.HeadDimension;
        Random random = new(1);
        float[] query = Numbers(random, queries * dimension, 3);
        float[] keys = Numbers(random, dimension, 1);
        float[] values = Numbers(random, dimension, 1);
        float[] clean = Run(kernel, shape, query, keys, values, queries, fill: 0);
        float[] full = Run(kernel, shape, query, keys, values, queries, fill: 0xFF);
        Assert.Equal(clean, full);
    }

    [Theory]
    [MemberData(nameof(VectorKernels.Names), MemberType = typeof(VectorKernels))]
    public void Every_finite_half_is_kept_as_it_is_and_greater_numbers_are_held(string name)
    {
        AttentionKernel kernel = VectorKernels.Get(name).GetAttention(KvCacheType.F16);
        AttentionShape shape = new(32, 4);
        byte[] stored = new byte[shape.ValueBytes];
        float[] value = new float[32];
        for (int bits = 0; bits < 0x7C00; bits += 16)
        {
            for (int i = 0; i < 32; i++)
            {
                float half = (float)BitConverter.UInt16BitsToHalf((ushort)(bits + (i / 2)));
                value[i] = i % 2 == 0 ? half : -half;
            }

            fixed (float* from = value)
            fixed (byte* to = stored)
            {
                kernel.StoreValue(shape, from, 2, to);
            }

            Assert.All(
                Enumerable.Range(0, 32),
                i => Assert.Equal(value[i], (float)BitConverter.ToHalf(stored, shape.ValueOffset(2, i))));
        }

        value[0] = 1e9f;
        value[17] = float.NegativeInfinity;
        fixed (float* from = value)
        fixed (byte* to = stored)
        {
            kernel.StoreValue(shape, from, 2, to);
        }

        Assert.Equal(65504f, (float)BitConverter.ToHalf(stored, shape.ValueOffset(2, 0)));
        Assert.Equal(-65504f, (float)BitConverter.ToHalf(stored, shape.ValueOffset(2, 17)));
    }

    [Theory]
    [MemberData(nameof(VectorKernels.Names), MemberType = typeof(VectorKernels))]
    public void Numbers_between_two_halves_round_to_the_nearest_even_one(string name)
    {
        AttentionKernel kernel = VectorKernels.Get(name).GetAttention(KvCacheType.F16);
        AttentionShape shape = new(48, 4);
        byte[] stored = new byte[shape.KeyBytes];
        Random random = new(2);
        for (int round = 0; round < 200; round++)
        {
            float[] key = [.. Enumerable.Range(0, 48).Select(_ =>
                (float)((random.NextDouble() - 0.5) * Math.Pow(2, random.Next(-28, 17))))];
            key[3] = 1 + (1f / 2048);
            key[4] = 1 + (3f / 2048);
            fixed (float* from = key)
            fixed (byte* to = stored)
            {
                kernel.StoreKey(shape, from, 3, to);
            }

            Assert.All(
                Enumerable.Range(0, 48),
                d => Assert.Equal(
                    BitConverter.HalfToUInt16Bits((Half)Math.Clamp(key[d], -65504f, 65504f)),
                    BitConverter.ToUInt16(stored, shape.KeyOffset(3, d))));
        }
    }

    private static float[] Run(
        AttentionKernel kernel, AttentionShape shape, float[] query, float[] keys, float[] values, int queries,
        byte fill = 0x7E)
    {
        int dimension = shape.HeadDimension;
        int tokens = keys.Length / dimension;
        float[] ready = new float[queries * shape.QueryLength];
        float[] state = new float[queries * shape.StateLength], later = new float[queries * shape.StateLength];
        float[] output = new float[queries * dimension];
        byte[] keyBlock = new byte[shape.KeyBytes], valueBlock = new byte[shape.ValueBytes];
        fixed (float* q = query, r = ready, s = state, l = later, o = output, k = keys, v = values)
        fixed (byte* kb = keyBlock, vb = valueBlock)
        {
            kernel.Prepare(shape, q, queries, 1 / MathF.Sqrt(dimension), r);
            for (int i = 0; i < queries; i++)
            {
                AttentionKernel.Clear(shape, s + (i * shape.StateLength));
            }

            for (int first = 0; first < tokens; first += shape.BlockTokens)
            {
                int count = Math.Min(shape.BlockTokens, tokens - first);
                Array.Fill(keyBlock, fill);
                Array.Fill(valueBlock, fill);
                for (int token = 0; token < count; token++)
                {
                    kernel.StoreKey(shape, k + ((first + token) * dimension), token, kb);
                    kernel.StoreValue(shape, v + ((first + token) * dimension), token, vb);
                }

                kernel.Attend(shape, r, queries, kb, vb, count, l);
                for (int i = 0; i < queries; i++)
                {
                    kernel.Merge(shape, s + (i * shape.StateLength), l + (i * shape.StateLength));
                }
            }

            for (int i = 0; i < queries; i++)
            {
                kernel.Finish(shape, s + (i * shape.StateLength), o + (i * dimension));
            }
        }

        return output;
    }

    private static double[] Softmax(float[] query, float[] keys, float[] values, int queries, int dimension)
    {
        int tokens = keys.Length / dimension;
        double[] output = new double[queries * dimension];
        for (int i = 0; i < queries; i++)
        {
            double[] weights = [.. Enumerable.Range(0, tokens).Select(t => Math.Exp(Enumerable.Range(0, dimension)
                .Sum(d => (double)query[(i * dimension) + d] * keys[(t * dimension) + d]) / Math.Sqrt(dimension)))];
            for (int d = 0; d < dimension; d++)
            {
                output[(i * dimension) + d] =
                    weights.Select((weight, t) => weight * values[(t * dimension) + d]).Sum() / weights.Sum();
            }
        }

        return output;
    }

    // 8 bits for each number, the largest of 32 being 127.
    private static float[] Rounded(float[] numbers, int dimension)
    {
        float[] rounded = [.. numbers];
        for (int token = 0; token < numbers.Length; token += dimension)
        {
            for (int d = 0; d < dimension; d += 32)
            {
                Span<float> line = rounded.AsSpan(token + d, Math.Min(32, dimension - d));
                float scale = line.ToArray().Max(MathF.Abs) / 127;
                foreach (ref float number in line)
                {
                    number = scale * MathF.Round(number * (1 / scale));
                }
            }
        }

        return rounded;
    }

    // Numbers a half holds exactly.
    private static float[] Numbers(Random random, int count, float scale) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)(Half)((float)((random.NextDouble() * 2) - 1) * scale))];
}
