using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SmolLM3.Inference.Managed.Kernels.Activations;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>A Q6_K block for four tokens on AVX2.</summary>
internal readonly unsafe struct Q6KTokensAvx2 : IFourTokens<Q6KTokensAvx2>
{
    private readonly Vector256<short> _scales;
    private readonly Vector256<float> _factors;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Q6KTokensAvx2(Q6KBlock* block)
    {
        _scales = Avx2.ConvertToVector256Int16(Vector128.Load(block->Scales));
        _factors = Vector256.Create(HalfBits.ToSingle(block->Scale));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Q6KTokensAvx2 Prepare(byte* weights) => new((Q6KBlock*)weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourProducts Multiply(in Q6KTokensAvx2 block, byte* weights, in Four<Q8KBlock> activations)
    {
        var own = (Q6KBlock*)weights;
        Q8KBlock* a0 = activations.At0, a1 = activations.At1, a2 = activations.At2, a3 = activations.At3;
        Vector256<int> p0 = -Q6KBlocksAvx2.Shift(block._scales, a0), p1 = -Q6KBlocksAvx2.Shift(block._scales, a1);
        Vector256<int> p2 = -Q6KBlocksAvx2.Shift(block._scales, a2), p3 = -Q6KBlocksAvx2.Shift(block._scales, a3);
        for (int half = 0; half < 2; half++)
        {
            Vector256<byte> scales =
                half == 0 ? Q6KBlocksAvx2.First(block._scales) : Q6KBlocksAvx2.Second(block._scales);
            var quants = new Q6KHalfAvx2(own->Low + (64 * half), own->High + (32 * half));
            Vector256<short> s0 = Q6KBlocksAvx2.Pick(scales, 0), s1 = Q6KBlocksAvx2.Pick(scales, 2);
            Vector256<short> s2 = Q6KBlocksAvx2.Pick(scales, 4), s3 = Q6KBlocksAvx2.Pick(scales, 6);
            p0 += quants.Multiply(a0->Quants + (128 * half), s0, s1, s2, s3);
            p1 += quants.Multiply(a1->Quants + (128 * half), s0, s1, s2, s3);
            p2 += quants.Multiply(a2->Quants + (128 * half), s0, s1, s2, s3);
            p3 += quants.Multiply(a3->Quants + (128 * half), s0, s1, s2, s3);
        }

        return new(
            BlockFold.Fold(p0, p1, p2, p3),
            block._factors * BlockFold.Spread(a0->Scale, a1->Scale, a2->Scale, a3->Scale));
    }
}
