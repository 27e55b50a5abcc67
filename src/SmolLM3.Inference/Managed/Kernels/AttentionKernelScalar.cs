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
    public override void StoreKey(AttentionShape shape, float* key, int token, ushort* keys)
    {
        for (int d = 0; d < shape.HeadDimension; d++)
        {
            keys[shape.KeyIndex(token, d)] = ToHalf(key[d]);
        }
    }

    /// <inheritdoc />
    public override void StoreValue(AttentionShape shape, float* value, int token, ushort* values)
    {
        for (int d = 0; d < shape.HeadDimension; d++)
        {
            values[shape.ValueIndex(token, d)] = ToHalf(value[d]);
        }
    }

    /// <inheritdoc />
    public override void Attend(
        AttentionShape shape, float* ready, int count, ushort* keys, ushort* values, int tokens, float* states)
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
                    state[d] += weight * ToSingle(values[shape.ValueIndex(token, d)]);
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

    private static void Score(AttentionShape shape, float* ready, ushort* keys, Span<float> scores)
    {
        for (int token = 0; token < scores.Length; token++)
        {
            scores[token] = 0;
            for (int d = 0; d < shape.HeadDimension; d++)
            {
                scores[token] += ready[d] * ToSingle(keys[shape.KeyIndex(token, d)]);
            }
        }
    }

    private static float ToSingle(ushort bits) => (float)BitConverter.UInt16BitsToHalf(bits);

    private static ushort ToHalf(float value) =>
        BitConverter.HalfToUInt16Bits((Half)Math.Clamp(value, -HalfFormat.Greatest, HalfFormat.Greatest));
}
