namespace SmolLM3.Inference.Managed.Kernels;

/// <summary>What the attention kernel needs of a way to keep keys and values. One text of the kernel serves all.</summary>
internal unsafe interface IKvNumbers
{
    /// <summary>Bytes of a line of 32 numbers.</summary>
    static abstract int LineBytes { get; }

    /// <summary>Whether 32 numbers of a token share a scale.</summary>
    static abstract bool HasScales { get; }

    /// <summary>What queries are multiplied by, so that what widening leaves out does not leave a float's range.</summary>
    static abstract float QueryScale { get; }

    /// <summary>The rest of it, for scores.</summary>
    static abstract float ScoreScale { get; }

    /// <summary>The same for the weights of values, which are at most 1 and carry the whole.</summary>
    static abstract float WeightScale { get; }

    /// <summary>Reads the elements <paramref name="part"/> and on of a line, and those 16 further on.</summary>
    static abstract void Widen<TLanes>(byte* line, int part, out TLanes lower, out TLanes upper)
        where TLanes : struct, IVectorLanes<TLanes>;

    /// <summary>Copies one element of a line.</summary>
    static abstract void Copy(byte* line, int index, byte* destination);

    /// <summary>Writes a line.</summary>
    /// <param name="source">32 numbers.</param>
    /// <param name="line">Where they go.</param>
    /// <returns>Their scale.</returns>
    static abstract float Narrow<TLanes>(float* source, byte* line)
        where TLanes : struct, IVectorLanes<TLanes>;
}
