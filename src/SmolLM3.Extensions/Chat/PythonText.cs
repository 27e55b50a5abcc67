using System.Globalization;
using System.Text;

namespace SmolLM3.Extensions.Chat;

/// <summary>What Python's text functions do and .NET's do a little differently.</summary>
internal static class PythonText
{
    /// <summary>
    /// <c>str.rstrip()</c>: Python's whitespace is .NET's and the four separators U+001C to U+001F.
    /// </summary>
    public static string TrimEnd(string text)
    {
        int length = text.Length;
        while (length > 0 && (char.IsWhiteSpace(text[length - 1]) || text[length - 1] is >= '\x1c' and <= '\x1f'))
        {
            length--;
        }

        return text[..length];
    }

    /// <summary>
    /// <c>str.isprintable()</c> of one character. Both sides go by the general category, .NET by the Unicode version
    /// of its own tables and Python by that of its: characters assigned in between may be escaped by one only.
    /// </summary>
    public static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate => false,
        UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned => false,
        UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
        UnicodeCategory.SpaceSeparator => rune.Value == ' ',
        _ => true,
    };

    /// <summary>
    /// Spells a JSON number as Python does after <c>json.loads</c>: whole numbers exactly, whatever their size, the
    /// others as <c>float.__repr__</c> (<c>1.0</c>, <c>1e-05</c>, <c>1e+16</c>).
    /// </summary>
    /// <param name="json">A number by JSON's grammar.</param>
    /// <param name="infinity">The word for a number beyond the range of a double.</param>
    public static string Number(string json, string infinity)
    {
        if (json.AsSpan().IndexOfAny(".eE") < 0)
        {
            return json == "-0" ? "0" : json;
        }

        double value = double.Parse(json, NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsInfinity(value) ? (value < 0 ? "-" : "") + infinity : Float(value);
    }

    /// <summary>
    /// Both sides print the shortest digits that read back as the same double; only the layout differs. Python writes
    /// 1e-4 up to 1e16 without an exponent and whole numbers with ".0".
    /// </summary>
    private static string Float(double value)
    {
        string sign = double.IsNegative(value) ? "-" : "";
        string text = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        int mark = text.IndexOf('E', StringComparison.Ordinal);
        string mantissa = mark < 0 ? text : text[..mark];
        int point = mantissa.IndexOf('.', StringComparison.Ordinal);
        point = (point < 0 ? mantissa.Length : point)
            + (mark < 0 ? 0 : int.Parse(text.AsSpan(mark + 1), NumberStyles.Integer, CultureInfo.InvariantCulture));

        // value = 0.digits * 10^point
        string padded = mantissa.Replace(".", "", StringComparison.Ordinal);
        string digits = padded.TrimStart('0');
        point -= padded.Length - digits.Length;
        digits = digits.TrimEnd('0');
        if (digits.Length == 0)
        {
            return sign + "0.0";
        }

        if (point is <= -4 or > 16)
        {
            string fraction = digits.Length > 1 ? "." + digits[1..] : "";
            return string.Create(CultureInfo.InvariantCulture,
                $"{sign}{digits[0]}{fraction}e{(point > 0 ? '+' : '-')}{Math.Abs(point - 1):00}");
        }

        return sign + (point <= 0
            ? "0." + new string('0', -point) + digits
            : digits.PadRight(point, '0')[..point] + "." + (digits.Length > point ? digits[point..] : "0"));
    }
}
