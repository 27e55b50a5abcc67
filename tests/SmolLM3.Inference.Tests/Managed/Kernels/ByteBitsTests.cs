using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Inference.Tests.Managed.Kernels;

/// <summary>Every byte, in every place of a vector. <c>DOTNET_EnableGFNI=0</c> tests the other way.</summary>
public sealed class ByteBitsTests
{
    public static TheoryData<int> Firsts { get; } = [0, 64, 128, 192];

    [Theory]
    [MemberData(nameof(Firsts))]
    public void Bits_move_where_they_should(int first)
    {
        byte[] bytes = [.. Enumerable.Range(0, 64).Select(i => (byte)(first + i))];
        Vector256<byte> narrow = Vector256.Create(bytes);
        AssertBytes(i => bytes[i] >> 4, ByteBits.UpperHalf(narrow));
        AssertBytes(i => (bytes[i] & 3) << 4, ByteBits.PairToUpper(narrow, 0));
        AssertBytes(i => ((bytes[i] >> 2) & 3) << 4, ByteBits.PairToUpper(narrow, 2));
        AssertBytes(i => bytes[i] & 0x30, ByteBits.PairToUpper(narrow, 4));
        AssertBytes(i => ((bytes[i] >> 6) & 3) << 4, ByteBits.PairToUpper(narrow, 6));
    }

    [Theory]
    [MemberData(nameof(Firsts))]
    public void Bits_of_wide_vectors_move_where_they_should(int first)
    {
        Assert.SkipUnless(Avx512BW.IsSupported, "This machine has no AVX-512.");
        byte[] bytes = [.. Enumerable.Range(0, 64).Select(i => (byte)(first + i))];
        Vector512<byte> wide = Vector512.Create(bytes);
        AssertBytes(i => bytes[i] >> 4, ByteBits.UpperHalf(wide));
        AssertBytes(i => (bytes[i] & 3) << 4, ByteBits.PairToUpper(wide, 0));
        AssertBytes(i => ((bytes[i] >> 2) & 3) << 4, ByteBits.PairToUpper(wide, 2));
        AssertBytes(i => bytes[i] & 0x30, ByteBits.PairToUpper(wide, 4));
        AssertBytes(i => ((bytes[i] >> 6) & 3) << 4, ByteBits.PairToUpper(wide, 6));
    }

    private static void AssertBytes(Func<int, int> expected, Vector256<byte> actual) =>
        Assert.Equal(Enumerable.Range(0, 32).Select(expected), Enumerable.Range(0, 32).Select(i => (int)actual[i]));

    private static void AssertBytes(Func<int, int> expected, Vector512<byte> actual) =>
        Assert.Equal(Enumerable.Range(0, 64).Select(expected), Enumerable.Range(0, 64).Select(i => (int)actual[i]));
}
