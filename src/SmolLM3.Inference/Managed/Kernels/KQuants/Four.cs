using System.Runtime.CompilerServices;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>Four neighbours in memory, of which the last may be fewer.</summary>
internal readonly unsafe ref struct Four<T>
    where T : unmanaged
{
    public readonly T* At0;
    public readonly T* At1;
    public readonly T* At2;
    public readonly T* At3;

    /// <summary>Four in a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Four(T* first, int step)
    {
        At0 = first;
        At1 = first + step;
        At2 = first + (2 * step);
        At3 = first + (3 * step);
    }

    /// <summary>One to four; the last stands for those that are missing.</summary>
    public Four(T* first, int step, int count)
    {
        At0 = first;
        At1 = first + (Math.Min(count - 1, 1) * step);
        At2 = first + (Math.Min(count - 1, 2) * step);
        At3 = first + (Math.Min(count - 1, 3) * step);
    }
}
