using System.Runtime.CompilerServices;

namespace SmolLM3.Inference.Managed.Kernels;

/// <summary>
/// Attention to a block on vectors of any width. Four queries at a time share each line of keys and values that is
/// loaded and widened; with SmolLM3's four query heads to a KV head, every line is read once.
/// </summary>
internal sealed unsafe class AttentionKernelLanes<TLanes, TNumbers> : AttentionKernel
    where TLanes : struct, IVectorLanes<TLanes>
    where TNumbers : struct, IKvNumbers
{
    private const int Line = AttentionShape.Line;
    private const int Together = 4;

    private static int Count => TLanes.Count;

    /// <inheritdoc />
    public override void Prepare(AttentionShape shape, float* queries, int count, float scale, float* ready)
    {
        TLanes factor = TLanes.Create(scale * TNumbers.QueryScale);
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
                to[d] = from[d] * (scale * TNumbers.QueryScale);
            }
        }
    }

    /// <inheritdoc />
    [SkipLocalsInit]
    public override void StoreKey(AttentionShape shape, float* key, int token, byte* keys)
    {
        byte* line = stackalloc byte[TNumbers.LineBytes];
        float* scales = (float*)(keys + shape.KeyScales);
        for (int first = 0; first < shape.HeadDimension; first += Line)
        {
            int count = Math.Min(Line, shape.HeadDimension - first);
            float scale = Narrow(key + first, count, line);
            byte* column = keys + shape.KeyOffset(token, first);
            for (int d = 0; d < count; d++, column += TNumbers.LineBytes)
            {
                TNumbers.Copy(line, d, column);
            }

            if (TNumbers.HasScales)
            {
                scales[shape.ScaleIndex(token, first / Line)] = scale;
            }
        }
    }

    /// <inheritdoc />
    public override void StoreValue(AttentionShape shape, float* value, int token, byte* values)
    {
        float* scales = (float*)(values + shape.ValueScales);
        for (int first = 0; first < shape.HeadDimension; first += Line)
        {
            int count = Math.Min(Line, shape.HeadDimension - first);
            float scale = Narrow(value + first, count, values + shape.ValueOffset(token, first));
            if (TNumbers.HasScales)
            {
                scales[shape.ScaleIndex(token, first / Line)] = scale;
            }
        }
    }

    /// <inheritdoc />
    [SkipLocalsInit]
    public override void Attend(
        AttentionShape shape, float* ready, int count, byte* keys, byte* values, int tokens, float* states)
    {
        if (AnyBroken(shape, keys, tokens))
        {
            new Span<float>(states, count * shape.StateLength).Fill(float.NaN);
            return;
        }

        float* weights = stackalloc float[Together * shape.PaddedTokens];
        for (int query = 0; query < count;)
        {
            int queries = count - query >= Together ? Together : 1;
            float* state = states + (query * shape.StateLength);
            Score(shape, ready + (query * shape.QueryLength), queries, keys, tokens, weights);
            for (int i = 0; i < queries; i++)
            {
                Weigh(weights + (i * shape.PaddedTokens), tokens, state + (i * shape.StateLength), shape);
            }

            AddValues(shape, weights, queries, values, tokens, state);
            query += queries;
        }
    }

    /// <inheritdoc />
    public override void Merge(AttentionShape shape, float* state, float* later)
    {
        // The greater maximum stays, and the other's weights shrink. NaN on either side takes the second branch.
        (float own, float other) = (state[shape.MaximumIndex], later[shape.MaximumIndex]);
        TLanes shrink = VectorMath<TLanes>.Exp(TLanes.Create(-MathF.Abs(own - other)));
        TLanes one = TLanes.Create(1);
        (TLanes a, TLanes b) = own >= other ? (one, shrink) : (shrink, one);
        for (int i = 0; i < shape.StateLength; i += Count)
        {
            TLanes sum = TLanes.MultiplyAdd(TLanes.Load(state + i), a, TLanes.Load(later + i) * b);
            TLanes.Store(sum, state + i);
        }

        state[shape.MaximumIndex] = MathF.Max(own, other);
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

    // scores: [queries, padded tokens]
    [SkipLocalsInit]
    private static void Score(
        AttentionShape shape, float* ready, int queries, byte* keys, int tokens, float* scores)
    {
        float* partial = stackalloc float[Together * Line];
        float* scales = (float*)(keys + shape.KeyScales);
        for (int first = 0; first < tokens; first += Line)
        {
            byte* lines = keys + (first * shape.HeadDimension / Line * TNumbers.LineBytes);
            float* to = scores + first;
            if (!TNumbers.HasScales)
            {
                LineSums<TLanes, TNumbers>.Add(
                    queries, lines, shape.HeadDimension, ready, shape.QueryLength, to, shape.PaddedTokens);
                continue;
            }

            for (int d = 0; d < shape.HeadDimension; d += Line)
            {
                int count = Math.Min(Line, shape.HeadDimension - d);
                LineSums<TLanes, TNumbers>.Add(
                    queries, lines + (d * TNumbers.LineBytes), count, ready + d, shape.QueryLength, partial, Line);
                float* scale = scales + shape.ScaleIndex(first, d / Line);
                for (int i = 0; i < queries; i++)
                {
                    AddScaled(partial + (i * Line), scale, to + (i * shape.PaddedTokens), isFirst: d == 0);
                }
            }
        }
    }

    // weights: [queries, padded tokens]; states: [queries, state length]
    [SkipLocalsInit]
    private static void AddValues(
        AttentionShape shape, float* weights, int queries, byte* values, int tokens, float* states)
    {
        float* scaled = stackalloc float[TNumbers.HasScales ? Together * shape.PaddedTokens : 1];
        float* scales = (float*)(values + shape.ValueScales);
        for (int first = 0; first < shape.HeadDimension; first += Line)
        {
            byte* lines = values + shape.ValueOffset(0, first);
            float* factors = weights;
            if (TNumbers.HasScales)
            {
                factors = scaled;
                float* scale = scales + shape.ScaleIndex(0, first / Line);
                for (int i = 0; i < queries * shape.PaddedTokens; i += shape.PaddedTokens)
                {
                    Multiply(weights + i, scale, scaled + i, tokens);
                }
            }

            LineSums<TLanes, TNumbers>.Add(
                queries, lines, tokens, factors, shape.PaddedTokens, states + first, shape.StateLength);
        }
    }

    // total += partial * scale, for one line
    private static void AddScaled(float* partial, float* scale, float* total, bool isFirst)
    {
        for (int i = 0; i < Line; i += Count)
        {
            TLanes before = isFirst ? TLanes.Create(0) : TLanes.Load(total + i);
            TLanes.Store(TLanes.MultiplyAdd(TLanes.Load(partial + i), TLanes.Load(scale + i), before), total + i);
        }
    }

    // The arrays are as long as whole lines.
    private static void Multiply(float* a, float* b, float* product, int count)
    {
        for (int i = 0; i < count; i += Count)
        {
            TLanes.Store(TLanes.Load(a + i) * TLanes.Load(b + i), product + i);
        }
    }

    // Scores become weights e^(score - maximum); places after the last token weigh nothing.
    private static void Weigh(float* scores, int tokens, float* state, AttentionShape shape)
    {
        int padded = (tokens + Line - 1) / Line * Line;
        new Span<float>(scores + tokens, padded - tokens).Fill(float.NegativeInfinity);

        TLanes scale = TLanes.Create(TNumbers.ScoreScale);
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
            TLanes.Store(weight * TLanes.Create(TNumbers.WeightScale), scores + i);
        }

        state[shape.MaximumIndex] = maximum;
        state[shape.SumIndex] = TLanes.Sum(sum);
    }

    [SkipLocalsInit]
    private static float Narrow(float* source, int count, byte* line)
    {
        float* whole = stackalloc float[Line];
        if (count < Line)
        {
            new Span<float>(whole, Line).Clear();
            new ReadOnlySpan<float>(source, count).CopyTo(new Span<float>(whole, Line));
            source = whole;
        }

        return TNumbers.Narrow<TLanes>(source, line);
    }
}
