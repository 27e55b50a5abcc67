using System.Runtime.CompilerServices;

namespace SmolLM3.Inference.Managed.Kernels;

/// <summary>
/// Attention to a block on vectors of any width. Four queries at a time share each line of keys and values that is
/// loaded and widened; with SmolLM3's four query heads to a KV head, every line is read once.
/// </summary>
internal sealed unsafe class AttentionKernelLanes<TLanes> : AttentionKernel
    where TLanes : struct, IVectorLanes<TLanes>
{
    private const int Line = AttentionShape.Line;
    private const int HalfLine = Line / 2;

    // Widened halves are 2^-112 of their value. Queries carry 2^96 of the correction and scores the rest, so that
    // neither leaves the range of floats; weights, which are at most 1, carry the whole.
    private const float QueryScale = 7.9228162514264338e28f;
    private const float ScoreScale = 65536f;
    private const float WeightScale = 5.192296858534828e33f;

    private static int Count => TLanes.Count;

    /// <inheritdoc />
    public override void Prepare(AttentionShape shape, float* queries, int count, float scale, float* ready)
    {
        TLanes factor = TLanes.Create(scale * QueryScale);
        for (int query = 0; query < count; query++)
        {
            float* from = queries + (query * shape.HeadDimension);
            float* to = ready + (query * shape.QueryLength);
            int d = 0;
            for (; d + Count <= shape.HeadDimension; d += Count)
            {
                TLanes.Store(TLanes.Load(from + d) * factor, to + d);
            }

            for (; d < shape.HeadDimension; d++)
            {
                to[d] = from[d] * (scale * QueryScale);
            }
        }
    }

    /// <inheritdoc />
    [SkipLocalsInit]
    public override void StoreKey(AttentionShape shape, float* key, int token, ushort* keys)
    {
        ushort* line = stackalloc ushort[Line];
        ushort* column = keys + shape.KeyIndex(token, 0);
        for (int first = 0; first < shape.HeadDimension; first += Line)
        {
            int count = Math.Min(Line, shape.HeadDimension - first);
            NarrowLine(key + first, count, line);
            for (int d = 0; d < count; d++)
            {
                column[(first + d) * Line] = line[AttentionShape.Place(d)];
            }
        }
    }

    /// <inheritdoc />
    public override void StoreValue(AttentionShape shape, float* value, int token, ushort* values)
    {
        for (int first = 0; first < shape.HeadDimension; first += Line)
        {
            int count = Math.Min(Line, shape.HeadDimension - first);
            NarrowLine(value + first, count, values + shape.ValueIndex(token, first));
        }
    }

    /// <inheritdoc />
    [SkipLocalsInit]
    public override void Attend(
        AttentionShape shape, float* ready, int count, ushort* keys, ushort* values, int tokens, float* states)
    {
        if (AnyBroken(shape, keys, tokens))
        {
            new Span<float>(states, count * shape.StateLength).Fill(float.NaN);
            return;
        }

        int stride = shape.PaddedTokens;
        float* weights = stackalloc float[4 * stride];
        Lines keyLines = new(keys, Run: shape.HeadDimension, Used: shape.HeadDimension, tokens);
        Lines valueLines = new(values, Run: shape.BlockTokens, Used: tokens, shape.HeadDimension);

        // Scores and the weighted sum of values are one operation: lines of memory times a factor each, added up.
        int query = 0;
        for (; query + 4 <= count; query += 4)
        {
            float* state = states + (query * shape.StateLength);
            AddLinesFour(keyLines, ready + (query * shape.QueryLength), shape.QueryLength, weights, stride);
            for (int i = 0; i < 4; i++)
            {
                Weigh(shape, weights + (i * stride), tokens, state + (i * shape.StateLength));
            }

            AddLinesFour(valueLines, weights, stride, state, shape.StateLength);
        }

        for (; query < count; query++)
        {
            float* state = states + (query * shape.StateLength);
            AddLinesOne(keyLines, ready + (query * shape.QueryLength), weights);
            Weigh(shape, weights, tokens, state);
            AddLinesOne(valueLines, weights, state);
        }
    }

    /// <inheritdoc />
    public override void Merge(AttentionShape shape, float* state, float* later)
    {
        (float maximum, float a, float b) = Rescale(state[shape.MaximumIndex], later[shape.MaximumIndex]);
        (TLanes earlierFactor, TLanes laterFactor) = (TLanes.Create(a), TLanes.Create(b));
        for (int d = 0; d < shape.PaddedDimension; d += Count)
        {
            TLanes sum = TLanes.MultiplyAdd(
                TLanes.Load(state + d), earlierFactor, TLanes.Load(later + d) * laterFactor);
            TLanes.Store(sum, state + d);
        }

        state[shape.SumIndex] = (state[shape.SumIndex] * a) + (later[shape.SumIndex] * b);
        state[shape.MaximumIndex] = maximum;
    }

    /// <inheritdoc />
    public override void Finish(AttentionShape shape, float* state, float* output)
    {
        TLanes sum = TLanes.Create(state[shape.SumIndex]);
        int d = 0;
        for (; d + Count <= shape.HeadDimension; d += Count)
        {
            TLanes.Store(TLanes.Load(state + d) / sum, output + d);
        }

        for (; d < shape.HeadDimension; d++)
        {
            output[d] = state[d] / state[shape.SumIndex];
        }
    }

    private static void AddLinesFour(Lines lines, float* factors, int stride, float* sums, int sumStride)
    {
        float* f0 = factors;
        float* f1 = f0 + stride;
        float* f2 = f1 + stride;
        float* f3 = f2 + stride;
        for (int first = 0; first < lines.Results; first += Line)
        {
            for (int part = 0; part < HalfLine; part += Count)
            {
                TLanes a0 = TLanes.Create(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
                ushort* line = lines.First + (first * lines.Run) + (2 * part);
                for (int i = 0; i < lines.Used; i++, line += Line)
                {
                    TLanes.WidenPairs(line, out TLanes even, out TLanes odd);
                    TLanes factor = TLanes.Create(f0[i]);
                    a0 = TLanes.MultiplyAdd(factor, even, a0);
                    b0 = TLanes.MultiplyAdd(factor, odd, b0);
                    factor = TLanes.Create(f1[i]);
                    a1 = TLanes.MultiplyAdd(factor, even, a1);
                    b1 = TLanes.MultiplyAdd(factor, odd, b1);
                    factor = TLanes.Create(f2[i]);
                    a2 = TLanes.MultiplyAdd(factor, even, a2);
                    b2 = TLanes.MultiplyAdd(factor, odd, b2);
                    factor = TLanes.Create(f3[i]);
                    a3 = TLanes.MultiplyAdd(factor, even, a3);
                    b3 = TLanes.MultiplyAdd(factor, odd, b3);
                }

                float* to = sums + first + part;
                StorePair(a0, b0, to);
                StorePair(a1, b1, to + sumStride);
                StorePair(a2, b2, to + (2 * sumStride));
                StorePair(a3, b3, to + (3 * sumStride));
            }
        }
    }

    private static void AddLinesOne(Lines lines, float* factors, float* sums)
    {
        for (int first = 0; first < lines.Results; first += Line)
        {
            for (int part = 0; part < HalfLine; part += Count)
            {
                TLanes a = TLanes.Create(0), b = a;
                ushort* line = lines.First + (first * lines.Run) + (2 * part);
                for (int i = 0; i < lines.Used; i++, line += Line)
                {
                    TLanes.WidenPairs(line, out TLanes even, out TLanes odd);
                    TLanes factor = TLanes.Create(factors[i]);
                    a = TLanes.MultiplyAdd(factor, even, a);
                    b = TLanes.MultiplyAdd(factor, odd, b);
                }

                StorePair(a, b, sums + first + part);
            }
        }
    }

    // Scores become weights e^(score - maximum); places after the last token weigh nothing.
    private static void Weigh(AttentionShape shape, float* scores, int tokens, float* state)
    {
        int padded = (tokens + Line - 1) / Line * Line;
        new Span<float>(scores + tokens, padded - tokens).Fill(float.NegativeInfinity);

        TLanes scale = TLanes.Create(ScoreScale);
        TLanes greatest = TLanes.Create(float.NegativeInfinity);
        for (int i = 0; i < padded; i += Count)
        {
            greatest = TLanes.Max(greatest, TLanes.Load(scores + i) * scale);
        }

        float maximum = TLanes.Maximum(greatest);
        TLanes shift = TLanes.Create(-maximum);
        TLanes sum = TLanes.Create(0);
        for (int i = 0; i < padded; i += Count)
        {
            TLanes score = TLanes.MultiplyAdd(TLanes.Load(scores + i), scale, shift);
            TLanes weight = VectorMath<TLanes>.Exp(score);
            sum += weight;
            TLanes.Store(weight * TLanes.Create(WeightScale), scores + i);
        }

        state[shape.MaximumIndex] = maximum;
        state[shape.SumIndex] = TLanes.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StorePair(TLanes even, TLanes odd, float* destination)
    {
        TLanes.Store(even, destination);
        TLanes.Store(odd, destination + HalfLine);
    }

    [SkipLocalsInit]
    private static void NarrowLine(float* source, int count, ushort* destination)
    {
        float* whole = stackalloc float[Line];
        if (count < Line)
        {
            new Span<float>(whole, Line).Clear();
            new ReadOnlySpan<float>(source, count).CopyTo(new Span<float>(whole, Line));
            source = whole;
        }

        for (int part = 0; part < HalfLine; part += Count)
        {
            TLanes even = TLanes.Load(source + part);
            TLanes odd = TLanes.Load(source + HalfLine + part);
            TLanes.NarrowPairs(even, odd, destination + (2 * part));
        }
    }

    /// <summary>Runs of lines: <paramref name="Run"/> lie one after the other for each 32 results, and of each run the
    /// first <paramref name="Used"/> count.</summary>
    private readonly record struct Lines(nint Address, int Run, int Used, int Results)
    {
        public Lines(ushort* first, int Run, int Used, int results)
            : this((nint)first, Run, Used, results)
        {
        }

        public ushort* First => (ushort*)Address;
    }
}
