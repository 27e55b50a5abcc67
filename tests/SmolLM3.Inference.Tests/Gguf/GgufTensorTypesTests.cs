using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Tests.Gguf;

public sealed class GgufTensorTypesTests
{
    [Fact]
    public void A_row_of_SmolLM3_takes_what_the_format_says()
    {
        Assert.Equal(2048 / 256 * 144, GgufTensorTypes.RowBytes(GgufTensorType.Q4_K, 2048));
        Assert.Equal(43 * 210, GgufTensorTypes.RowBytes(GgufTensorType.Q6_K, 11008));
        Assert.Equal(11008 / 32 * 34, GgufTensorTypes.RowBytes(GgufTensorType.Q8_0, 11008));
        Assert.Equal(6, GgufTensorTypes.RowBytes(GgufTensorType.BF16, 3));
    }

    [Fact]
    public void Types_and_widths_that_do_not_exist_are_refused()
    {
        Assert.Equal(13, GgufTensorTypes.All.Count);
        Assert.All(GgufTensorTypes.All, type => Assert.True(GgufTensorTypes.IsSupported(type)));
        Assert.False(GgufTensorTypes.IsSupported((GgufTensorType)15));
        Assert.Throws<ArgumentOutOfRangeException>(() => GgufTensorTypes.BlockBytes((GgufTensorType)15));
        Assert.Throws<ArgumentException>(() => GgufTensorTypes.RowBytes(GgufTensorType.Q4_K, 2047));
        Assert.Throws<ArgumentException>(() => GgufTensorTypes.RowBytes(GgufTensorType.F32, -1));
        Assert.Throws<OverflowException>(() => GgufTensorTypes.RowBytes(GgufTensorType.F32, long.MaxValue));
    }
}
