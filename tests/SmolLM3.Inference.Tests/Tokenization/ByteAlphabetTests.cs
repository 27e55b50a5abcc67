using System.Text;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Inference.Tests.Tokenization;

public sealed class ByteAlphabetTests
{
    [Theory]
    [InlineData(0x20, 'Ġ')]
    [InlineData(0x0A, 'Ċ')]
    [InlineData(0x41, 'A')]
    [InlineData(0x00, 'Ā')]
    [InlineData(0x7F, 'ġ')]
    [InlineData(0xA0, 'ł')]
    [InlineData(0xAD, 'Ń')]
    [InlineData(0xFF, 'ÿ')]
    public void Bytes_are_written_as_GPT_2_writes_them(byte value, char character)
        => Assert.Equal(character, ByteAlphabet.ToChar(value));

    [Fact]
    public void Every_byte_comes_back()
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
        byte[] text = Encoding.UTF8.GetBytes(ByteAlphabet.Encode(all));
        var decoded = new byte[text.Length];

        Assert.True(ByteAlphabet.TryDecode(text, decoded, out int written));
        Assert.Equal(all, decoded[..written]);
        Assert.Equal(256, ByteAlphabet.Encode(all).Distinct().Count());
    }

    [Theory]
    [InlineData("two words")]
    [InlineData("\n")]
    [InlineData("Łń")]
    [InlineData("漢")]
    [InlineData("a😀")]
    public void A_character_outside_is_told(string text)
        => Assert.False(ByteAlphabet.TryDecode(Encoding.UTF8.GetBytes(text), new byte[16], out _));

    [Theory]
    [InlineData(new byte[] { 0xC4 })]
    [InlineData(new byte[] { 0xC4, 0x41 })]
    [InlineData(new byte[] { 0xC1, 0x81 })]
    [InlineData(new byte[] { 0x80 })]
    public void Broken_UTF_8_is_told(byte[] text) => Assert.False(ByteAlphabet.TryDecode(text, new byte[4], out _));
}
