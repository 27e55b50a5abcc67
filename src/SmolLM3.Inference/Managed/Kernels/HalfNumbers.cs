using System.Runtime.CompilerServices;

namespace SmolLM3.Inference.Managed.Kernels;

/// <summary>Keys and values as half numbers. Widened they are 2^-112 of their value: queries carry 2^96 of the
/// correction and scores the rest.</summary>
internal readonly unsafe struct HalfNumbers : IKvNumbers
{
    private const int HalfLine = AttentionShape.Line / 2;

    public static int LineBytes => AttentionShape.Line * sizeof(ushort);

    public static bool HasScales => false;

    public static float QueryScale => 7.9228162514264338e28f;

    public static float ScoreScale => 65536f;

    public static float WeightScale => 5.192296858534828e33f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Widen<TLanes>(byte* line, int part, out TLanes lower, out TLanes upper)
        where TLanes : struct, IVectorLanes<TLanes> =>
        TLanes.WidenPairs((ushort*)line + (2 * part), out lower, out upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(byte* line, int index, byte* destination) =>
        *(ushort*)destination = ((ushort*)line)[AttentionShape.Place(index)];

    public static float Narrow<TLanes>(float* source, byte* line)
        where TLanes : struct, IVectorLanes<TLanes>
    {
        for (int part = 0; part < HalfLine; part += TLanes.Count)
        {
            TLanes lower = TLanes.Load(source + part);
            TLanes upper = TLanes.Load(source + HalfLine + part);
            TLanes.NarrowPairs(lower, upper, (ushort*)line + (2 * part));
        }

        return 1;
    }
}
