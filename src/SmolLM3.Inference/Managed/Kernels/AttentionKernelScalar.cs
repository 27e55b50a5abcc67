namespace SmolLM3.Inference.Managed.Kernels;

/// <summary>Attention to a block as plain loops.</summary>
internal sealed unsafe class AttentionKernelScalar : AttentionKernel
{
    /// <inheritdoc />
    public override void Prepare(AttentionShape shape, float* queries, int count, float scale, float* ready)
    {
        for (int query = 0; query < count; query++)
        {
            for (int d = 0; d < shape.HeadDimension; d++)
            {
                ready[(query * shape.QueryLength) + d] = queries[(query * shape.HeadDimension) + d] * scale;
            }
        }
    }

    /// <inheritdoc />
    public override void StoreKey(AttentionShape shape, float* key, int token, byte* keys)
    {
        for (int first = 0; first < shape.HeadDimension; first += AttentionShape.Line)
        {
            float scale = ScaleOf(shape, key, first);
            for (int d = first; d < Math.Min(first + AttentionShape.Line, shape.HeadDimension); d++)
            {
                Write(shape, key[d], scale, keys + shape.KeyOffset(token, d));
            }

            WriteScale(shape, scale, keys + shape.KeyScales, token, first);
        }
    }

    /// <inheritdoc />
    public override void StoreValue(AttentionShape shape, float* value, int token, byte* values)
    {
        for (int first = 0; first < shape.HeadDimension; first += AttentionShape.Line)
        {
            float scale = ScaleOf(shape, value, first);
            for (int d = first; d < Math.Min(first + AttentionShape.Line, shape.HeadDimension); d++)
            {
                Write(shape, value[d], scale, values + shape.ValueOffset(token, d));
            }

            WriteScale(shape, scale, values + shape.ValueScales, token, first);
        }
    }

    /// <inheritdoc />
    public override void Attend(
        AttentionShape shape, float* ready, int count, byte* keys, byte* values, int tokens, float* states)
    {
        Span<float> weights = stackalloc float[tokens];
        for (int query = 0; query < count; query++)
        {
            float* state = states + (query * shape.StateLength);
            Clear(shape, state);
            Score(shape, ready + (query * shape.QueryLength), keys, weights);

            foreach (float score in weights)
            {
                state[shape.MaximumIndex] = MathF.Max(state[shape.MaximumIndex], score);
            }

            for (int token = 0; token < tokens; token++)
            {
                float weight = MathF.Exp(weights[token] - state[shape.MaximumIndex]);
                state[shape.SumIndex] += weight;
                for (int d = 0; d < shape.HeadDimension; d++)
                {
                    byte* number = values + shape.ValueOffset(token, d);
                    state[d] += weight * Read(shape, number, values + shape.ValueScales, token, d);
                }
            }
        }
    }

    /// <inheritdoc />
    public override void Merge(AttentionShape shape, float* state, float* later)
    {
        (float maximum, float a, float b) = Rescale(state[shape.MaximumIndex], later[shape.MaximumIndex]);
        for (int d = 0; d < shape.HeadDimension; d++)
        {
            state[d] = (state[d] * a) + (later[d] * b);
        }

        state[shape.SumIndex] = (state[shape.SumIndex] * a) + (later[shape.SumIndex] * b);
        state[shape.MaximumIndex] = maximum;
    }

    /// <inheritdoc />
    public override void Finish(AttentionShape shape, float* state, float* output)
    {
        for (int d = 0; d < shape.HeadDimension; d++)
        {
            output[d] = state[d] / state[shape.SumIndex];
        }
    }

    private static void Score(AttentionShape shape, float* ready, byte* keys, Span<float> scores)
    {
        for (int token = 0; token < scores.Length; token++)
        {
            scores[token] = 0;
            for (int d = 0; d < shape.HeadDimension; d++)
            {
                byte* number = keys + shape.KeyOffset(token, d);
                scores[token] += ready[d] * Read(shape, number, keys + shape.KeyScales, token, d);
            }
        }
    }

    private static float Read(AttentionShape shape, byte* number, byte* scales, int token, int dimension) =>
        shape.HasScales
            ? *(sbyte*)number * ((float*)scales)[shape.ScaleIndex(token, dimension / AttentionShape.Line)]
            : (float)*(Half*)number;

    private static void Write(AttentionShape shape, float value, float scale, byte* number)
    {
        if (shape.HasScales)
        {
            float inverse = scale > 0 ? 1 / scale : 0;
            *(sbyte*)number = (sbyte)MathF.Round(Math.Clamp(value * inverse, -127, 127));
        }
        else
        {
            *(Half*)number = (Half)Math.Clamp(value, -HalfFormat.Greatest, HalfFormat.Greatest);
        }
    }

    // The largest of 32 numbers becomes 127.
    private static float ScaleOf(AttentionShape shape, float* numbers, int first)
    {
        float largest = 0;
        for (int d = first; d < Math.Min(first + AttentionShape.Line, shape.HeadDimension); d++)
        {
            largest = MathF.Max(largest, MathF.Abs(numbers[d]));
        }

        return MathF.Min(largest, HalfFormat.Greatest) / 127;
    }

    private static void WriteScale(AttentionShape shape, float scale, byte* scales, int token, int dimension)
    {
        if (shape.HasScales)
        {
            ((float*)scales)[shape.ScaleIndex(token, dimension / AttentionShape.Line)] = scale;
        }
    }

    // How much two states' weights shrink when both are measured against the greater maximum.
    private static (float Maximum, float Earlier, float Later) Rescale(float earlier, float later)
    {
        float maximum = MathF.Max(earlier, later);
        return (maximum, MathF.Exp(earlier - maximum), MathF.Exp(later - maximum));
    }
}
