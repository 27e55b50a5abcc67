using System.Globalization;
using SmolLM3.Extensions.Constraints.Grammars;

namespace SmolLM3.Extensions.Constraints.Patterns;

/// <summary>Reads what stands for one character of several: classes in brackets and escapes.</summary>
internal static class PatternCharacters
{
    private static readonly CharacterSet s_digits = CharacterSet.Range('0', '9');

    private static readonly CharacterSet s_word =
        s_digits | CharacterSet.Range('a', 'z') | CharacterSet.Range('A', 'Z') | CharacterSet.Of('_');

    // White space and line ends as ECMA-262 counts them.
    private static readonly CharacterSet s_space = CharacterSet.Range('\t', '\r') | CharacterSet.Range(0x2000, 0x200A)
        | CharacterSet.Of(" \u00A0\u1680\u2028\u2029\u202F\u205F\u3000\uFEFF");

    /// <summary>Reads a class, which follows.</summary>
    public static CharacterSet ReadClass(PatternReader reader)
    {
        reader.TryTake("[");
        bool isNegated = reader.TryTake("^");
        List<CharacterSet> parts = [];
        while (!reader.TryTake("]"))
        {
            parts.Add(ReadRange(reader));
        }

        CharacterSet set = Union([.. parts]);
        return isNegated ? ~set : set;
    }

    /// <summary>Reads an escape outside of a class, which follows.</summary>
    public static CharacterSet ReadEscape(PatternReader reader)
    {
        if (reader.At("\\b") || reader.At("\\B"))
        {
            throw reader.Unsupported("A word boundary");
        }

        return ReadMember(reader, out _);
    }

    /// <summary>All that is in one of several sets.</summary>
    public static CharacterSet Union(ReadOnlySpan<CharacterSet> sets) => sets.Length switch
    {
        0 => ~CharacterSet.All,
        1 => sets[0],
        // By halves: adding one after the other would go over all ranges again for each.
        _ => Union(sets[..(sets.Length / 2)]) | Union(sets[(sets.Length / 2)..]),
    };

    private static CharacterSet ReadRange(PatternReader reader)
    {
        int start = reader.Position;
        CharacterSet set = ReadMember(reader, out int? first);
        if (!reader.At("-") || reader.At("-]"))
        {
            return set;
        }

        reader.TryTake("-");
        ReadMember(reader, out int? last);
        if (first > last || first is null || last is null)
        {
            reader.Position = start;
            throw reader.Malformed("a range goes from one character to the same or a later one");
        }

        return CharacterSet.Range(first.Value, last.Value);
    }

    // Halves of surrogate pairs are characters here, of which the set is empty: no text holds them.
    private static CharacterSet ReadMember(PatternReader reader, out int? character)
    {
        character = null;
        if (!reader.At("\\"))
        {
            character = reader.TakeCharacter();
        }
        else if (TryReadSet(reader) is CharacterSet set)
        {
            return set;
        }
        else
        {
            character = ReadEscaped(reader);
        }

        return CharacterSet.Of(character.Value);
    }

    private static CharacterSet? TryReadSet(PatternReader reader) =>
        reader.TryTake("\\d") ? s_digits
        : reader.TryTake("\\D") ? ~s_digits
        : reader.TryTake("\\w") ? s_word
        : reader.TryTake("\\W") ? ~s_word
        : reader.TryTake("\\s") ? s_space
        : reader.TryTake("\\S") ? ~s_space
        : reader.At("\\p") ? ReadProperty(reader)
        : reader.At("\\P") ? ~ReadProperty(reader)
        : null;

    private static CharacterSet ReadProperty(PatternReader reader)
    {
        int start = reader.Position;
        reader.Position += "\\p".Length;
        if (!reader.TryTake("{"))
        {
            throw reader.Malformed("the name of a property stands in braces");
        }

        string name = reader.TakeUntil('}');
        if (UnicodeProperties.Find(name) is not CharacterSet set)
        {
            reader.Position = start;
            throw reader.Unsupported($"The property '{name}'");
        }

        return set;
    }

    private static int ReadEscaped(PatternReader reader)
    {
        int start = reader.Position;
        reader.TryTake("\\");
        int character = reader.TakeCharacter();
        switch (character)
        {
            case 't':
                return '\t';
            case 'n':
                return '\n';
            case 'v':
                return '\v';
            case 'f':
                return '\f';
            case 'r':
                return '\r';
            case 'b':
                return '\b';
            case '0' when !char.IsAsciiDigit(reader.Next):
                return '\0';
            case 'c' when char.IsAsciiLetter(reader.Next):
                return reader.TakeCharacter() % 32;
            case 'x':
                return reader.TakeHexadecimal(2);
            case 'u':
                return reader.TryTake("{") ? ReadCodePoint(reader) : ReadUnits(reader);
            case (>= '1' and <= '9') or 'k':
                reader.Position = start;
                throw reader.Unsupported("A back-reference");
            case '0' or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z'):
                reader.Position = start;
                throw reader.Malformed($"no escape begins with '\\{(char)character}'");
            default:
                return character;
        }
    }

    private static int ReadCodePoint(PatternReader reader)
    {
        int start = reader.Position;
        string digits = reader.TakeUntil('}');
        bool isNumber = int.TryParse(
            digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int character);
        if (!isNumber || character is < 0 or > 0x10FFFF)
        {
            reader.Position = start;
            throw reader.Malformed("no character has this number");
        }

        return character;
    }

    // Two escapes that are the halves of a surrogate pair are one character.
    private static int ReadUnits(PatternReader reader)
    {
        char unit = (char)reader.TakeHexadecimal(4);
        int end = reader.Position;
        if (char.IsHighSurrogate(unit) && reader.TryTake("\\u") && reader.Next != '{')
        {
            char low = (char)reader.TakeHexadecimal(4);
            if (char.IsLowSurrogate(low))
            {
                return char.ConvertToUtf32(unit, low);
            }
        }

        reader.Position = end;
        return unit;
    }
}
