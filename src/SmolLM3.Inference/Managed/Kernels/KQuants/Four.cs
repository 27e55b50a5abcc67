using System.Runtime.CompilerServices;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>Four things in memory at equal distances.</summary>
internal readonly unsafe ref struct Four<T>
    where T : unmanaged
{
    public readonly T* At0;
    public readonly T* At1;
    public readonly T* At2;
    public readonly T* At3;

    /// <summary>Four, so many bytes from each to the next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Four(T* first, long step)
    {
        At0 = first;
        At1 = (T*)((byte*)first + step);
        At2 = (T*)((byte*)first + (2 * step));
        At3 = (T*)((byte*)first + (3 * step));
    }

    /// <summary>One to four; the last stands for those that are missing.</summary>
    public Four(T* first, long step, int count)
    {
        At0 = first;
        At1 = (T*)((byte*)first + (Math.Min(count - 1, 1) * step));
        At2 = (T*)((byte*)first + (Math.Min(count - 1, 2) * step));
        At3 = (T*)((byte*)first + (Math.Min(count - 1, 3) * step));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Four(T* at0, T* at1, T* at2, T* at3)
    {
        At0 = at0;
        At1 = at1;
        At2 = at2;
        At3 = at3;
    }

    /// <summary>Those after so many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Four<T> Skip(int count) => new(At0 + count, At1 + count, At2 + count, At3 + count);
}
