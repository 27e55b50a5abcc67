using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SmolLM3.Extensions.Sampling;

/// <summary>
/// Finds the heaviest tokens without sorting. A token is ranked by one number, its key: the weight's bits above, the
/// inverted id below, so that larger keys are likelier tokens and of equals the one with the lower id. No two keys are
/// equal.
/// </summary>
internal static class TokenRanking
{
    /// <summary>The token of a key.</summary>
    public static int Token(ulong key) => (int)~(uint)key;

    /// <summary>The weight of a key.</summary>
    public static float Weight(ulong key) => BitConverter.UInt32BitsToSingle((uint)(key >> 32));

    /// <summary>Collects the keys of all tokens of at least some weight, in order of id.</summary>
    /// <param name="weights">Weights by id, none negative.</param>
    /// <param name="atLeast">The least weight.</param>
    /// <param name="keys">Where they go; room for all tokens.</param>
    /// <returns>How many there are.</returns>
    public static int Gather(ReadOnlySpan<float> weights, float atLeast, Span<ulong> keys)
    {
        int count = 0, id = 0;
        Vector256<float> least = Vector256.Create(atLeast);
        ref float source = ref MemoryMarshal.GetReference(weights);
        while (id < weights.Length)
        {
            int end = Math.Min(id + Vector256<float>.Count, weights.Length);
            if (end - id == Vector256<float>.Count
                && Vector256.LessThanAll(Vector256.LoadUnsafe(ref source, (nuint)id), least))
            {
                id = end;
                continue;
            }

            // Where one is, there may be more: every one is written, and counted without a branch.
            for (; id < end; id++)
            {
                keys[count] = Key(weights[id], id);
                count += weights[id] >= atLeast ? 1 : 0;
            }
        }

        return count;
    }

    /// <summary>Moves the <paramref name="count"/> largest keys to the front.</summary>
    /// <param name="keys">The keys, in any order.</param>
    /// <param name="count">How many, at least 1.</param>
    /// <param name="mass">The sum of their weights.</param>
    /// <returns>How many there are: <paramref name="count"/>, or all.</returns>
    public static int SelectCount(Span<ulong> keys, int count, out double mass)
    {
        int selected = Select<One>(keys, count, out _);
        mass = Sum<Mass>(keys[..selected]);
        return selected;
    }

    /// <summary>Moves to the front the fewest largest keys whose weights reach <paramref name="mass"/>, the smallest of
    /// them last.</summary>
    /// <param name="keys">The keys, in any order.</param>
    /// <param name="mass">The sum to reach, above 0.</param>
    /// <param name="reached">The sum of their weights.</param>
    /// <returns>How many there are; all, when all together do not reach it.</returns>
    public static int SelectMass(Span<ulong> keys, double mass, out double reached) =>
        Select<Mass>(keys, mass, out reached);

    /// <summary>Moves the keys of at least some weight to the front.</summary>
    /// <param name="keys">The keys, in any order.</param>
    /// <param name="atLeast">The least weight.</param>
    /// <param name="mass">The sum of their weights.</param>
    /// <returns>How many there are.</returns>
    public static int SelectWeight(Span<ulong> keys, float atLeast, out double mass)
    {
        // The id -1 inverts to 0, the least key of a weight.
        int selected = Partition(keys, Key(atLeast, -1) - 1);
        mass = Sum<Mass>(keys[..selected]);
        return selected;
    }

    // Numbers of at least 0 order as their bits do.
    private static ulong Key(float weight, int id) =>
        ((ulong)BitConverter.SingleToUInt32Bits(weight) << 32) | ~(uint)id;

    // Quickselect by running sum:
    //   [0, start)    larger than all others, together `reached`, less than the target
    //   [start, end)  where the target is reached
    //   [end, …)      smaller than all others
    private static int Select<TMeasure>(Span<ulong> keys, double target, out double reached)
        where TMeasure : struct, IMeasure
    {
        reached = 0;
        int start = 0, end = keys.Length;
        while (start < end)
        {
            int pivot = start + MovePivotIntoPlace(keys[start..end]);
            double above = reached + Sum<TMeasure>(keys[start..pivot]);
            if (above >= target)
            {
                end = pivot;
                continue;
            }

            reached = above + TMeasure.Of(keys[pivot]);
            start = pivot + 1;
            if (reached >= target)
            {
                break;
            }
        }

        return start;
    }

    private static double Sum<TMeasure>(ReadOnlySpan<ulong> keys)
        where TMeasure : struct, IMeasure
    {
        // Four sums at once, because they do not wait for each other. All are exact, so their order does not matter.
        double a = 0, b = 0, c = 0, d = 0;
        for (; keys.Length >= 4; keys = keys[4..])
        {
            a += TMeasure.Of(keys[0]);
            b += TMeasure.Of(keys[1]);
            c += TMeasure.Of(keys[2]);
            d += TMeasure.Of(keys[3]);
        }

        foreach (ulong key in keys)
        {
            a += TMeasure.Of(key);
        }

        return a + b + c + d;
    }

    private static int MovePivotIntoPlace(Span<ulong> keys)
    {
        (ulong first, ulong middle, ulong last) = (keys[0], keys[keys.Length / 2], keys[^1]);
        ulong pivot = Math.Max(Math.Min(first, middle), Math.Min(Math.Max(first, middle), last));
        int from = pivot == last ? keys.Length - 1 : pivot == first ? 0 : keys.Length / 2;
        (keys[from], keys[^1]) = (keys[^1], keys[from]);
        int place = Partition(keys[..^1], pivot);
        (keys[place], keys[^1]) = (keys[^1], keys[place]);
        return place;
    }

    // Without a branch on the comparison, which would be mispredicted every other time.
    private static int Partition(Span<ulong> keys, ulong pivot)
    {
        int above = 0;
        for (int i = 0; i < keys.Length; i++)
        {
            ulong key = keys[i];
            keys[i] = keys[above];
            keys[above] = key;
            above += key > pivot ? 1 : 0;
        }

        return above;
    }

    private interface IMeasure
    {
        static abstract double Of(ulong key);
    }

    private readonly struct One : IMeasure
    {
        public static double Of(ulong key) => 1;
    }

    private readonly struct Mass : IMeasure
    {
        public static double Of(ulong key) => Weight(key);
    }
}
