namespace SmolLM3.Inference.Managed;

/// <summary>Floats of its own for each worker.</summary>
internal sealed unsafe class Scratch
{
    // Whole pairs of cache lines: processors fetch them in pairs, and two workers shall not meet in one.
    private const int Grain = 32;

    private readonly float* _memory;
    private readonly long _stride;

    public Scratch(Arena arena, int workers, long floats)
    {
        _stride = (floats + Grain - 1) / Grain * Grain;
        _memory = arena.TakeFloats(workers * _stride);
    }

    /// <summary>A worker's floats, aligned to 64 bytes.</summary>
    public float* Get(int worker) => _memory + (worker * _stride);
}
