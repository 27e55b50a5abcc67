using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary><see cref="Q4KScales"/> of four blocks at once.</summary>
internal readonly unsafe ref struct Q4KFourScales
{
    /// <summary>8 bytes of block 0, then of block 1.</summary>
    public readonly Vector128<byte> Scales01;

    public readonly Vector128<byte> Scales23;

    /// <summary>8 bytes of block 0, then of block 1.</summary>
    public readonly Vector128<byte> Minimums01;

    public readonly Vector128<byte> Minimums23;

    /// <summary>Scale and minimum of the blocks 0, 2, 1, 3 as half numbers.</summary>
    public readonly Vector128<ushort> Halves;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Q4KFourScales(Q4KBlock* block0, Q4KBlock* block1, Q4KBlock* block2, Q4KBlock* block3)
    {
        // The first 16 bytes of each block, turned round: one vector for each of the 4 words.
        Vector128<uint> low01 = Sse2.UnpackLow(Head(block0), Head(block1));
        Vector128<uint> high01 = Sse2.UnpackHigh(Head(block0), Head(block1));
        Vector128<uint> low23 = Sse2.UnpackLow(Head(block2), Head(block3));
        Vector128<uint> high23 = Sse2.UnpackHigh(Head(block2), Head(block3));
        Halves = Sse2.Shuffle(
            Sse2.UnpackLow(low01.AsUInt64(), low23.AsUInt64()).AsUInt32(), 0b_11_01_10_00).AsUInt16();
        Vector128<uint> first = Sse2.UnpackHigh(low01.AsUInt64(), low23.AsUInt64()).AsUInt32();
        Vector128<uint> second = Sse2.UnpackLow(high01.AsUInt64(), high23.AsUInt64()).AsUInt32();
        Vector128<uint> third = Sse2.UnpackHigh(high01.AsUInt64(), high23.AsUInt64()).AsUInt32();

        Vector128<uint> six = Vector128.Create(0x3f3f3f3fu);
        Vector128<uint> four = Vector128.Create(0x0f0f0f0fu);
        Vector128<uint> two = Vector128.Create(0x30303030u);
        Vector128<uint> lowScales = first & six;
        Vector128<uint> highScales = (third & four) | ((first >> 2) & two);
        Vector128<uint> lowMinimums = second & six;
        Vector128<uint> highMinimums = ((third >> 4) & four) | ((second >> 2) & two);
        Scales01 = Sse2.UnpackLow(lowScales, highScales).AsByte();
        Scales23 = Sse2.UnpackHigh(lowScales, highScales).AsByte();
        Minimums01 = Sse2.UnpackLow(lowMinimums, highMinimums).AsByte();
        Minimums23 = Sse2.UnpackHigh(lowMinimums, highMinimums).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Head(Q4KBlock* block) => Vector128.Load((uint*)block);
}
