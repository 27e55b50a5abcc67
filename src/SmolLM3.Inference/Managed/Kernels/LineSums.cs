using System.Runtime.CompilerServices;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels;

/// <summary>
/// Lines of memory times a factor each, added up: scores are that (lines of keys times the query's numbers), and so is
/// the weighted sum of values.
/// </summary>
internal static unsafe class LineSums<TLanes, TNumbers>
    where TLanes : struct, IVectorLanes<TLanes>
    where TNumbers : struct, IKvNumbers
{
    private const int HalfLine = AttentionShape.Line / 2;

    /// <summary>For one query, or for four that share each line that is loaded and widened; a query's sums are the same
    /// either way.</summary>
    /// <param name="queries">1 or 4.</param>
    /// <param name="lines">The first line.</param>
    /// <param name="count">How many, one after the other.</param>
    /// <param name="factors">Shape <c>[queries, stride]</c>, of which the first <paramref name="count"/> are read.</param>
    /// <param name="stride">Floats from one query's factors to the next.</param>
    /// <param name="sums">Shape <c>[queries, sum stride]</c>, of which 32 are written.</param>
    /// <param name="sumStride">Floats from one query's sums to the next.</param>
    public static void Add(
        int queries, byte* lines, int count, float* factors, int stride, float* sums, int sumStride)
    {
        if (queries == 1)
        {
            AddOne(lines, count, factors, sums);
        }
        else
        {
            AddFour(lines, count, factors, factors, stride, sums, sumStride);
        }
    }

    // "again" is "factors": see MultiplyAddPair. Inlined, the compiler would know.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddFour(
        byte* lines, int count, float* factors, float* again, int stride, float* sums, int sumStride)
    {
        float* f1 = factors + stride;
        float* f2 = f1 + stride;
        float* f3 = f2 + stride;
        float* g1 = again + stride;
        float* g2 = g1 + stride;
        float* g3 = g2 + stride;
        for (int part = 0; part < HalfLine; part += TLanes.Count)
        {
            TLanes a0 = TLanes.Create(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
            byte* line = lines;
            for (int i = 0; i < count; i++, line += TNumbers.LineBytes)
            {
                if (part == 0)
                {
                    RowPrefetch.PrefetchAhead(line, TNumbers.LineBytes);
                }

                TNumbers.Widen(line, part, out TLanes lower, out TLanes upper);
                TLanes.MultiplyAddPair(factors + i, again + i, lower, upper, ref a0, ref b0);
                TLanes.MultiplyAddPair(f1 + i, g1 + i, lower, upper, ref a1, ref b1);
                TLanes.MultiplyAddPair(f2 + i, g2 + i, lower, upper, ref a2, ref b2);
                TLanes.MultiplyAddPair(f3 + i, g3 + i, lower, upper, ref a3, ref b3);
            }

            float* to = sums + part;
            Store(a0, b0, to);
            Store(a1, b1, to + sumStride);
            Store(a2, b2, to + (2 * sumStride));
            Store(a3, b3, to + (3 * sumStride));
        }
    }

    private static void AddOne(byte* lines, int count, float* factors, float* sums)
    {
        for (int part = 0; part < HalfLine; part += TLanes.Count)
        {
            TLanes a = TLanes.Create(0), b = a;
            byte* line = lines;
            for (int i = 0; i < count; i++, line += TNumbers.LineBytes)
            {
                TNumbers.Widen(line, part, out TLanes lower, out TLanes upper);
                TLanes factor = TLanes.Create(factors[i]);
                a = TLanes.MultiplyAdd(factor, lower, a);
                b = TLanes.MultiplyAdd(factor, upper, b);
            }

            Store(a, b, sums + part);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TLanes lower, TLanes upper, float* destination)
    {
        TLanes.Store(lower, destination);
        TLanes.Store(upper, destination + HalfLine);
    }
}
