using System.Text;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Inference.Tests.Tokenization;

public sealed class CharacterReaderTests
{
    [Theory]
    [InlineData("x", 1)]
    [InlineData("é", 1)]
    [InlineData("漢", 1)]
    [InlineData("ʰ", 1)]
    [InlineData("𝒳", 1)]
    [InlineData("7", 2)]
    [InlineData("٣", 2)]
    [InlineData("½", 2)]
    [InlineData("Ⅷ", 2)]
    [InlineData("𝟘", 2)]
    [InlineData("\r", 3)]
    [InlineData("\n", 3)]
    [InlineData("\t", 4)]
    [InlineData("\u0085", 4)]
    [InlineData("\u00A0", 4)]
    [InlineData("\u2028", 4)]
    [InlineData("\u3000", 4)]
    [InlineData("\u001C", 0)]
    [InlineData("\u180E", 0)]
    [InlineData("\u200B", 0)]
    [InlineData("\u0301", 0)]
    [InlineData("€", 0)]
    [InlineData("😀", 0)]
    public void Characters_have_the_classes_of_the_pattern(string text, int expected)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);

        Assert.Equal((CharacterClass)expected, CharacterReader.Read(utf8, 0, out int next));
        Assert.Equal(utf8.Length, next);
        Assert.Equal(CharacterClass.End, CharacterReader.Read(utf8, next, out int after));
        Assert.Equal(next, after);
    }

    [Fact]
    public void White_space_is_what_NET_calls_so()
    {
        for (int character = 0; character <= char.MaxValue; character++)
        {
            bool space = CharacterReader.Classify(character) is CharacterClass.Space or CharacterClass.NewLine;
            Assert.Equal(char.IsWhiteSpace((char)character), space);
        }
    }

    [Theory]
    [InlineData(new byte[] { 0x80, 0x41 })] // continuation without a beginning
    [InlineData(new byte[] { 0xE2, 0x82 })] // unfinished
    [InlineData(new byte[] { 0xC0, 0x80 })] // overlong
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })] // surrogate
    [InlineData(new byte[] { 0xF4, 0x90, 0x80, 0x80 })] // beyond U+10FFFF
    [InlineData(new byte[] { 0xFF })]
    public void A_byte_of_no_character_is_one_other_character(byte[] text)
    {
        Assert.Equal(CharacterClass.Other, CharacterReader.Read(text, 0, out int next));
        Assert.Equal(1, next);
    }
}
