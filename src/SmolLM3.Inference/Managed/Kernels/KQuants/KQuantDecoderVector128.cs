using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary><see cref="KQuantDecoder"/>, 16 weights at a time, on any processor with 128-bit vectors.</summary>
internal static unsafe class KQuantDecoderVector128
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(Q4KBlock* block, DecodedKBlock* decoded)
    {
        KQuantDecoder.DecodeScales(block, decoded);
        Vector128<byte> nibble = Vector128.Create((byte)15);
        var quants = (byte*)decoded->Quants;
        for (int i = 0; i < Q4KBlock.Length / 2; i += 32, quants += 64)
        {
            Vector128<byte> pairs0 = Vector128.Load(block->Quants + i);
            Vector128<byte> pairs1 = Vector128.Load(block->Quants + i + 16);
            (pairs0 & nibble).Store(quants);
            (pairs1 & nibble).Store(quants + 16);
            (pairs0 >> 4).Store(quants + 32);
            (pairs1 >> 4).Store(quants + 48);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(Q6KBlock* block, DecodedKBlock* decoded)
    {
        KQuantDecoder.DecodeScales(block, decoded);
        for (int half = 0; half < 2; half++)
        {
            for (int i = 0; i < 32; i += 16)
            {
                Decode(block->Low + half * 64 + i, block->High + half * 32 + i, decoded->Quants + half * 128 + i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Decode(byte* low, byte* high, sbyte* quants)
    {
        Vector128<byte> nibble = Vector128.Create((byte)15);
        Vector128<byte> pairs0 = Vector128.Load(low);
        Vector128<byte> pairs1 = Vector128.Load(low + 32);
        Vector128<byte> bits = Vector128.Load(high);
        Store(pairs0 & nibble, bits << 4, quants);
        Store(pairs1 & nibble, bits << 2, quants + 32);
        Store(pairs0 >> 4, bits, quants + 64);
        Store(pairs1 >> 4, bits >> 2, quants + 96);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<byte> low, Vector128<byte> bits, sbyte* quants) =>
        ((low | (bits & Vector128.Create((byte)0x30))).AsSByte() - Vector128.Create((sbyte)32)).Store(quants);
}
