using System.Runtime.Intrinsics;
using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Inference.Tests.Managed.Kernels;

public sealed class HalfBitsTests
{
    /// <summary>The bits of 1.</summary>
    private const ushort BitsOfOne = 0x3C00;

    [Fact]
    public void Every_half_widens_exactly_for_weights()
    {
        for (uint bits = 0; bits <= ushort.MaxValue; bits++)
        {
            // Widening keeps the payload of a NaN; the conversion operator makes it quiet.
            uint special = ((bits & 0x8000) << 16) | 0x7F800000 | ((bits & 0x3FF) << 13);
            var half = BitConverter.UInt16BitsToHalf((ushort)bits);
            int expected = Half.IsFinite(half) ? BitConverter.SingleToInt32Bits((float)half) : (int)special;
            Assert.Equal(Vector128.Create(expected), HalfBits.ToSingleOrNonFinite(Vector128.Create(bits)).AsInt32());
            Assert.Equal(Vector256.Create(expected), HalfBits.ToSingleOrNonFinite(Vector256.Create(bits)).AsInt32());
            Assert.Equal(Vector512.Create(expected), HalfBits.ToSingleOrNonFinite(Vector512.Create(bits)).AsInt32());
        }
    }

    [Fact]
    public void Every_finite_half_widens_exactly_at_every_width()
    {
        for (uint bits = 0; bits <= ushort.MaxValue; bits++)
        {
            var half = BitConverter.UInt16BitsToHalf((ushort)bits);
            if (!Half.IsFinite(half))
            {
                continue;
            }

            int expected = BitConverter.SingleToInt32Bits((float)half);
            Assert.Equal(expected, BitConverter.SingleToInt32Bits(HalfBits.ToSingle(bits)));
            Assert.Equal(Vector128.Create(expected), HalfBits.ToSingle(Vector128.Create(bits)).AsInt32());
            Assert.Equal(Vector256.Create(expected), HalfBits.ToSingle(Vector256.Create(bits)).AsInt32());
            Assert.Equal(Vector512.Create(expected), HalfBits.ToSingle(Vector512.Create(bits)).AsInt32());
        }
    }

    [Fact]
    public void Normal_halves_are_told_from_others_at_every_lane_and_widen_exactly()
    {
        for (uint bits = 0; bits <= ushort.MaxValue; bits++)
        {
            var half = BitConverter.UInt16BitsToHalf((ushort)bits);
            int lane = (int)bits % 16;
            Assert.Equal(Half.IsNormal(half), HalfBits.AllNormal(AmongOnes16(lane, (ushort)bits)));
            Assert.Equal(Half.IsNormal(half), HalfBits.AllNormal(AmongOnes32(lane + 16, (ushort)bits)));
            if (!Half.IsNormal(half))
            {
                continue;
            }

            int expected = BitConverter.SingleToInt32Bits((float)half);
            int signed = (short)bits;
            Assert.Equal(Vector256.Create(expected), HalfBits.NormalToSingle(Vector256.Create(signed)).AsInt32());
            Assert.Equal(Vector512.Create(expected), HalfBits.NormalToSingle(Vector512.Create(signed)).AsInt32());
        }
    }

    private static Vector256<ushort> AmongOnes16(int lane, ushort bits) =>
        Vector256.Create(BitsOfOne).WithElement(lane, bits);

    private static Vector512<ushort> AmongOnes32(int lane, ushort bits) =>
        Vector512.Create(BitsOfOne).WithElement(lane, bits);
}
