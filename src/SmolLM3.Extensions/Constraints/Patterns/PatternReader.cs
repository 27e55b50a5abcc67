using System.Globalization;

namespace SmolLM3.Extensions.Constraints.Patterns;

/// <summary>A pattern with a place in it: reads on, and says what is wrong there.</summary>
internal sealed class PatternReader(string pattern)
{
    /// <summary>Offset of what is read next, in UTF-16 units.</summary>
    public int Position { get; set; }

    /// <summary>Whether all was read.</summary>
    public bool IsAtEnd => Position == pattern.Length;

    /// <summary>What is read next; at the end the null character, with which nothing special begins.</summary>
    public char Next => IsAtEnd ? '\0' : pattern[Position];

    /// <summary>Whether a text follows.</summary>
    public bool At(string text) => pattern.AsSpan(Position).StartsWith(text, StringComparison.Ordinal);

    /// <summary>Reads over a text if it follows.</summary>
    public bool TryTake(string text)
    {
        bool follows = At(text);
        Position += follows ? text.Length : 0;
        return follows;
    }

    /// <summary>Reads one character; half a surrogate pair without the other half is one too.</summary>
    public int TakeCharacter()
    {
        if (IsAtEnd)
        {
            throw Malformed("it ends too early");
        }

        bool isPair = Position + 1 < pattern.Length && char.IsSurrogatePair(pattern, Position);
        int character = isPair ? char.ConvertToUtf32(pattern, Position) : pattern[Position];
        Position += isPair ? 2 : 1;
        return character;
    }

    /// <summary>Reads up to a character and over it.</summary>
    public string TakeUntil(char end)
    {
        int length = pattern.AsSpan(Position).IndexOf(end);
        if (length < 0)
        {
            throw Malformed($"'{end}' is missing");
        }

        string text = pattern.Substring(Position, length);
        Position += length + 1;
        return text;
    }

    /// <summary>Reads a hexadecimal number of so many digits.</summary>
    public int TakeHexadecimal(int digits)
    {
        int value = 0;
        bool isNumber = Position + digits <= pattern.Length && int.TryParse(
            pattern.AsSpan(Position, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
        if (!isNumber)
        {
            throw Malformed($"{digits} hexadecimal digits are missing");
        }

        Position += digits;
        return value;
    }

    /// <summary>Reads a decimal number; none if no digit follows, the greatest there is if it is too large.</summary>
    public int? TakeNumber()
    {
        int length = pattern.AsSpan(Position).IndexOfAnyExceptInRange('0', '9');
        ReadOnlySpan<char> digits = pattern.AsSpan(Position, length < 0 ? pattern.Length - Position : length);
        Position += digits.Length;
        return digits.IsEmpty ? null
            : int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value
            : int.MaxValue;
    }

    /// <summary>What to throw where no regular expression goes on like this.</summary>
    public NotSupportedException Malformed(string reason) =>
        new($"The pattern is malformed at offset {Position}: {reason}.");

    /// <summary>What to throw where something follows that is not supported.</summary>
    /// <param name="construct">What it is, as the beginning of a sentence.</param>
    public NotSupportedException Unsupported(string construct) =>
        new($"{construct}, at offset {Position} of the pattern, is not supported.");
}
