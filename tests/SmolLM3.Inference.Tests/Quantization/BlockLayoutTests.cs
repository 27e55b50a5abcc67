using System.Globalization;
using System.Runtime.CompilerServices;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Quantization;

namespace SmolLM3.Inference.Tests.Quantization;

/// <summary>
/// Where each bit of a block goes, by hand: a block whose weights are all zero and whose scales are all 1 gets a few
/// bytes changed ("offset=hex"), and exactly the named weights ("index=value" or "first..last=value") must change.
/// </summary>
public sealed class BlockLayoutTests
{
    [Fact]
    public void Block_structs_have_the_size_of_the_format()
    {
        Assert.Equal(GgufTensorTypes.BlockBytes(GgufTensorType.Q4_0), Unsafe.SizeOf<Q4_0.Block>());
        Assert.Equal(GgufTensorTypes.BlockBytes(GgufTensorType.Q4_1), Unsafe.SizeOf<Q4_1.Block>());
        Assert.Equal(GgufTensorTypes.BlockBytes(GgufTensorType.Q5_0), Unsafe.SizeOf<Q5_0.Block>());
        Assert.Equal(GgufTensorTypes.BlockBytes(GgufTensorType.Q5_1), Unsafe.SizeOf<Q5_1.Block>());
        Assert.Equal(GgufTensorTypes.BlockBytes(GgufTensorType.Q8_0), Unsafe.SizeOf<Q8_0.Block>());
        Assert.Equal(GgufTensorTypes.BlockBytes(GgufTensorType.Q2_K), Unsafe.SizeOf<Q2_K.Block>());
        Assert.Equal(GgufTensorTypes.BlockBytes(GgufTensorType.Q3_K), Unsafe.SizeOf<Q3_K.Block>());
        Assert.Equal(GgufTensorTypes.BlockBytes(GgufTensorType.Q4_K), Unsafe.SizeOf<Q4_K.Block>());
        Assert.Equal(GgufTensorTypes.BlockBytes(GgufTensorType.Q5_K), Unsafe.SizeOf<Q5_K.Block>());
        Assert.Equal(GgufTensorTypes.BlockBytes(GgufTensorType.Q6_K), Unsafe.SizeOf<Q6_K.Block>());
    }

    [Theory]
    [InlineData(GgufTensorType.F32, "6=80 7=3F", "1=1")]
    [InlineData(GgufTensorType.F16, "0=01 3=C0", "0=5.9604645E-08 1=-2")]
    [InlineData(GgufTensorType.BF16, "2=80 3=3F", "1=1")]
    [InlineData(GgufTensorType.Q4_0, "2=F9", "0=1 16=7")]
    [InlineData(GgufTensorType.Q4_0, "17=08", "31=-8")]
    [InlineData(GgufTensorType.Q4_0, "0=00 1=40 3=98", "17=2")]
    [InlineData(GgufTensorType.Q4_1, "4=21", "0=1 16=2")]
    [InlineData(GgufTensorType.Q4_1, "19=F0", "31=15")]
    [InlineData(GgufTensorType.Q4_1, "3=C0", "0..31=-2")]
    [InlineData(GgufTensorType.Q5_0, "2=FE", "0=-16")]
    [InlineData(GgufTensorType.Q5_0, "4=FE", "16=-16")]
    [InlineData(GgufTensorType.Q5_0, "5=7F", "31=-16")]
    [InlineData(GgufTensorType.Q5_0, "6=21", "0=1 16=2")]
    [InlineData(GgufTensorType.Q5_1, "4=01", "0=16")]
    [InlineData(GgufTensorType.Q5_1, "6=01", "16=16")]
    [InlineData(GgufTensorType.Q5_1, "7=80 23=F0", "31=31")]
    [InlineData(GgufTensorType.Q5_1, "3=3C", "0..31=1")]
    [InlineData(GgufTensorType.Q8_0, "2=FF", "0=-1")]
    [InlineData(GgufTensorType.Q8_0, "33=80", "31=-128")]
    [InlineData(GgufTensorType.Q2_K, "16=E4", "32=1 64=2 96=3")]
    [InlineData(GgufTensorType.Q2_K, "47=03", "31=3")]
    [InlineData(GgufTensorType.Q2_K, "48=01", "128=1")]
    [InlineData(GgufTensorType.Q2_K, "79=C0", "255=3")]
    [InlineData(GgufTensorType.Q2_K, "0=05 16=03", "0=15")]
    [InlineData(GgufTensorType.Q2_K, "1=07 32=01", "16=7")]
    [InlineData(GgufTensorType.Q2_K, "2=0F 16=04", "32=15")]
    [InlineData(GgufTensorType.Q2_K, "15=0A 79=40", "255=10")]
    [InlineData(GgufTensorType.Q2_K, "3=21", "48..63=-2")]
    [InlineData(GgufTensorType.Q2_K, "12=F1 83=40", "192..207=-30")]
    [InlineData(GgufTensorType.Q3_K, "0=FE", "0=-4")]
    [InlineData(GgufTensorType.Q3_K, "5=EF", "133=-4")]
    [InlineData(GgufTensorType.Q3_K, "31=7F", "255=-4")]
    [InlineData(GgufTensorType.Q3_K, "32=E4", "32=1 64=2 96=3")]
    [InlineData(GgufTensorType.Q3_K, "95=C0", "255=3")]
    [InlineData(GgufTensorType.Q3_K, "96=12 32=01", "0=2")]
    [InlineData(GgufTensorType.Q3_K, "96=51 64=01", "128=5")]
    [InlineData(GgufTensorType.Q3_K, "104=A9 32=01", "0=-15")]
    [InlineData(GgufTensorType.Q3_K, "105=A6 48=10", "80=-15")]
    [InlineData(GgufTensorType.Q3_K, "105=9A 80=01", "144=-15")]
    [InlineData(GgufTensorType.Q3_K, "107=6A 95=40", "255=-15")]
    [InlineData(GgufTensorType.Q4_K, "16=21", "0=1 32=2")]
    [InlineData(GgufTensorType.Q4_K, "47=0F", "31=15")]
    [InlineData(GgufTensorType.Q4_K, "48=10", "96=1")]
    [InlineData(GgufTensorType.Q4_K, "143=F0", "255=15")]
    [InlineData(GgufTensorType.Q4_K, "4=3F 16=01", "0=63")]
    [InlineData(GgufTensorType.Q4_K, "7=3E 79=10", "127=62")]
    [InlineData(GgufTensorType.Q4_K, "4=81 12=05 80=01", "128=37")]
    [InlineData(GgufTensorType.Q4_K, "8=03", "0..31=-3")]
    [InlineData(GgufTensorType.Q4_K, "9=C0 13=71", "160..191=-55")]
    [InlineData(GgufTensorType.Q5_K, "16=01", "0=16")]
    [InlineData(GgufTensorType.Q5_K, "20=20", "164=16")]
    [InlineData(GgufTensorType.Q5_K, "47=80 175=F0", "255=31")]
    [InlineData(GgufTensorType.Q5_K, "48=21", "0=1 32=2")]
    [InlineData(GgufTensorType.Q5_K, "4=3F 48=01", "0=63")]
    [InlineData(GgufTensorType.Q5_K, "9=C0 13=71", "160..191=-55")]
    [InlineData(GgufTensorType.Q6_K, "0=21", "0=1 64=2")]
    [InlineData(GgufTensorType.Q6_K, "32=43", "32=3 96=4")]
    [InlineData(GgufTensorType.Q6_K, "127=F0", "255=15")]
    [InlineData(GgufTensorType.Q6_K, "128=A9", "0=-16")]
    [InlineData(GgufTensorType.Q6_K, "128=6A", "96=-16")]
    [InlineData(GgufTensorType.Q6_K, "191=AB", "159=16")]
    [InlineData(GgufTensorType.Q6_K, "192=FD 0=01", "0=-3")]
    [InlineData(GgufTensorType.Q6_K, "193=07 16=01", "16=7")]
    [InlineData(GgufTensorType.Q6_K, "204=05 64=10", "192=5")]
    [InlineData(GgufTensorType.Q6_K, "207=80 127=10", "255=-128")]
    public void Each_bit_belongs_to_its_weight(GgufTensorType type, string changes, string weights)
    {
        byte[] block = ZeroBlock(type);
        foreach ((string offset, string value) in Pairs(changes))
        {
            block[int.Parse(offset, CultureInfo.InvariantCulture)] = Convert.ToByte(value, 16);
        }

        var expected = new float[block.Length / GgufTensorTypes.BlockBytes(type) * GgufTensorTypes.BlockLength(type)];
        foreach ((string indices, string value) in Pairs(weights))
        {
            int[] ends = [.. indices.Split("..").Select(index => int.Parse(index, CultureInfo.InvariantCulture))];
            expected.AsSpan(ends[0]..(ends[^1] + 1)).Fill(float.Parse(value, CultureInfo.InvariantCulture));
        }

        var values = new float[expected.Length];
        RowCodec.Dequantize(type, block, values);

        Assert.Equal(expected, values);
    }

    [Fact]
    public void The_unchanged_block_is_zero_in_every_type()
    {
        foreach (GgufTensorType type in GgufTensorTypes.All)
        {
            Each_bit_belongs_to_its_weight(type, "", "");
        }
    }

    private static IEnumerable<(string Name, string Value)> Pairs(string text)
        => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('='))
            .Select(pair => (pair[0], pair[1]));

    // Half 1.0 is 00 3C. The float types get four values.
    private static byte[] ZeroBlock(GgufTensorType type) => type switch
    {
        GgufTensorType.F32 => new byte[16],
        GgufTensorType.F16 or GgufTensorType.BF16 => new byte[8],
        GgufTensorType.Q4_0 => [0, 0x3C, .. Repeat(0x88, 16)],
        GgufTensorType.Q4_1 => [0, 0x3C, 0, 0, .. Repeat(0, 16)],
        GgufTensorType.Q5_0 => [0, 0x3C, .. Repeat(0xFF, 4), .. Repeat(0, 16)],
        GgufTensorType.Q5_1 => [0, 0x3C, 0, 0, .. Repeat(0, 4), .. Repeat(0, 16)],
        GgufTensorType.Q8_0 => [0, 0x3C, .. Repeat(0, 32)],
        GgufTensorType.Q2_K => [.. Repeat(0x01, 16), .. Repeat(0, 64), 0, 0x3C, 0, 0x3C],
        GgufTensorType.Q3_K => [.. Repeat(0xFF, 32), .. Repeat(0, 64), .. Repeat(0x11, 8), .. Repeat(0xAA, 4), 0, 0x3C],
        GgufTensorType.Q4_K => [.. KHead(), .. Repeat(0, 128)],
        GgufTensorType.Q5_K => [.. KHead(), .. Repeat(0, 32), .. Repeat(0, 128)],
        GgufTensorType.Q6_K => [.. Repeat(0, 128), .. Repeat(0xAA, 64), .. Repeat(1, 16), 0, 0x3C],
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    private static byte[] KHead() => [0, 0x3C, 0, 0x3C, .. Repeat(1, 4), .. Repeat(0, 4), .. Repeat(1, 4)];

    private static byte[] Repeat(byte value, int count) => [.. Enumerable.Repeat(value, count)];
}
