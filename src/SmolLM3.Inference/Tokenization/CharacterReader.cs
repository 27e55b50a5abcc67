using System.Globalization;
using System.Text;

namespace SmolLM3.Inference.Tokenization;

/// <summary>
/// Reads characters of UTF-8 text with their classes. Categories are those of the .NET runtime (Unicode 16 in .NET
/// 10); engines with another Unicode version class a few recently assigned characters differently.
/// </summary>
internal static class CharacterReader
{
    private static ReadOnlySpan<CharacterClass> Ascii => s_ascii;

    private static readonly CharacterClass[] s_ascii = [.. Enumerable.Range(0, 128).Select(Classify)];

    /// <summary>The class of the character at an index of the text.</summary>
    /// <param name="text">UTF-8, not necessarily valid.</param>
    /// <param name="index">Index of the character's first byte, or the text's length.</param>
    /// <param name="next">Index after the character. A byte that belongs to no valid character is passed alone.</param>
    public static CharacterClass Read(ReadOnlySpan<byte> text, int index, out int next)
    {
        if ((uint)index >= (uint)text.Length)
        {
            next = index;
            return CharacterClass.End;
        }

        byte first = text[index];
        if (first < 0x80)
        {
            next = index + 1;
            return Ascii[first];
        }

        if (Rune.DecodeFromUtf8(text[index..], out Rune rune, out int length) != System.Buffers.OperationStatus.Done)
        {
            next = index + 1;
            return CharacterClass.Other;
        }

        next = index + length;
        return Classify(rune.Value);
    }

    /// <summary>The class of a code point.</summary>
    public static CharacterClass Classify(int codePoint) => CharUnicodeInfo.GetUnicodeCategory(codePoint) switch
    {
        <= UnicodeCategory.OtherLetter => CharacterClass.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber
            => CharacterClass.Number,
        UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            => CharacterClass.Space,
        UnicodeCategory.Control => codePoint switch
        {
            '\r' or '\n' => CharacterClass.NewLine,
            '\t' or '\v' or '\f' or 0x85 => CharacterClass.Space,
            _ => CharacterClass.Other,
        },
        _ => CharacterClass.Other,
    };
}
