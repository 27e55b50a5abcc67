using System.Runtime.Intrinsics;
using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Inference.Tests.Managed.Kernels;

public sealed class HalfBitsTests
{
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
}
