using static SmolLM3.Inference.Tokenization.CharacterClass;

namespace SmolLM3.Inference.Tokenization;

/// <summary>
/// Splits text into the pieces inside which bytes are merged, as Llama 3's pattern does:
/// <code>
/// (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
/// </code>
/// One pass, no backtracking: every byte is looked at a constant number of times. The pieces, put together, are the
/// text. <c>(?i:s)</c> takes U+017F (ſ) too, which case folding makes an s: Oniguruma (Hugging Face) and tiktoken do
/// so, llama.cpp does not. A byte that belongs to no valid UTF-8 character is an "other" character of its own; there
/// llama.cpp splits in the same places, but puts U+FFFD for the byte.
/// </summary>
internal ref struct PreTokenScanner(ReadOnlySpan<byte> text)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private int _start;
    private int _end;

    /// <summary>The piece.</summary>
    public readonly ReadOnlySpan<byte> Current => _text[_start.._end];

    /// <summary>Goes to the next piece.</summary>
    public bool MoveNext()
    {
        _start = _end;
        if (_start == _text.Length)
        {
            return false;
        }

        _end = EndOfPiece(_start);
        return true;
    }

    private readonly int EndOfPiece(int start)
    {
        CharacterClass first = Read(start, out int second);
        switch (first)
        {
            case Letter:
                return Skip(Letter, second);
            case Number:
                return EndOfNumber(second);
            case NewLine:
                return EndOfWhiteSpace(start);
            default: // Other or Space
                if (_text[start] == '\'' && EndOfContraction(second) is var end and > 0)
                {
                    return end;
                }

                CharacterClass following = Read(second, out int third);
                if (following == Letter)
                {
                    return Skip(Letter, third);
                }

                if (first == Other)
                {
                    return Skip(NewLine, Skip(Other, second));
                }

                return _text[start] == ' ' && following == Other
                    ? Skip(NewLine, Skip(Other, third))
                    : EndOfWhiteSpace(start);
        }
    }

    private readonly CharacterClass Read(int index, out int next) => CharacterReader.Read(_text, index, out next);

    private readonly int Skip(CharacterClass characters, int index)
    {
        while (Read(index, out int next) == characters)
        {
            index = next;
        }

        return index;
    }

    private readonly int EndOfNumber(int second)
    {
        if (Read(second, out int third) != Number)
        {
            return second;
        }

        return Read(third, out int fourth) == Number ? fourth : third;
    }

    // After an apostrophe: the end of s, t, m, d, re, ve, ll in any case, or 0.
    private readonly int EndOfContraction(int index)
    {
        ReadOnlySpan<byte> rest = _text[index..];
        if (rest.Length >= 2 && rest[0] == 0xC5 && rest[1] == 0xBF)
        {
            return index + 2;
        }

        return (rest.IsEmpty ? 0 : rest[0] | 0x20, rest.Length < 2 ? 0 : rest[1] | 0x20) switch
        {
            ('s' or 't' or 'm' or 'd', _) => index + 1,
            ('r' or 'v', 'e') or ('l', 'l') => index + 2,
            _ => 0,
        };
    }

    // \s*[\r\n]+ ends with the last line break of the run; else \s+(?!\S) leaves the last character to what follows,
    // unless the text ends here or the run is that one character.
    private readonly int EndOfWhiteSpace(int start)
    {
        int index = start, last = start, afterLineBreak = 0;
        while (Read(index, out int next) is var found and (Space or NewLine))
        {
            last = index;
            index = next;
            afterLineBreak = found == NewLine ? next : afterLineBreak;
        }

        if (afterLineBreak > 0)
        {
            return afterLineBreak;
        }

        return index == _text.Length || last == start ? index : last;
    }
}
