namespace SmolLM3.Inference.Synthetic;

/// <summary>
/// Texts for merged tokens, in byte-level spelling (each byte a visible character; 'Ġ' is the space, 'Ċ' the line
/// feed), ordered so that the parts of each come before it and the useful ones come early.
/// </summary>
internal static class SyntheticTokenTexts
{
    private const char Space = 'Ġ';
    private const string Lower = "etaoinsrhldcumfpgwybvkxjqz";
    private const string Upper = "ETAOINSRHLDCUMFPGWYBVKXJQZ";
    private const string Digits = "0123456789";

    /// <summary>The 256 bytes in the order such vocabularies have them: visible ones first.</summary>
    public static IEnumerable<char> Bytes()
    {
        IEnumerable<char> visible = Enumerable.Range(0, 256).Where(IsVisible).Select(b => (char)b);
        IEnumerable<char> moved = Enumerable.Range(256, 256 - visible.Count()).Select(c => (char)c);
        return visible.Concat(moved);
    }

    /// <summary>The texts of two and more bytes.</summary>
    public static IEnumerable<string> Merged()
    {
        string[] pairs = [.. Combine(Split(Lower), Split(Lower))];

        // Only a large vocabulary ever gets to the long lists, so they are not made before.
        IEnumerable<string> triples = Combine(pairs, Split(Lower));
        IEnumerable<string> capitalPairs = Combine(Split(Upper), Split(Lower));
        IEnumerable<string> capitalTriples = Combine(Split(Upper), pairs);
        string[] digitPairs = [.. Combine(Split(Digits), Split(Digits))];
        return Spaced(Split(Lower))
            .Concat(["ĠĠ", "ĠĠĠĠ", "ĊĊ", ".Ċ", "):", "()", "=\"", "</", "//", "..", "..."])
            .Concat(pairs)
            .Concat(digitPairs)
            .Concat(Combine(Split(Digits), digitPairs))
            .Concat(Utf8Pairs())
            .Concat(Spaced(pairs))
            .Concat(Spaced(Split(Upper)))
            .Concat(triples)
            .Concat(Spaced(triples))
            .Concat(capitalPairs)
            .Concat(Spaced(capitalPairs))
            .Concat(capitalTriples)
            .Concat(Spaced(capitalTriples))
            .Concat(Combine(pairs, pairs));
    }

    /// <summary>The byte-level character of a byte.</summary>
    public static char ToChar(byte value)
        => IsVisible(value) ? (char)value : (char)(256 + Enumerable.Range(0, value).Count(b => !IsVisible(b)));

    // The first two bytes of Latin, Cyrillic and Chinese letters and of emoji.
    private static IEnumerable<string> Utf8Pairs()
    {
        byte[] leads = [0xC2, 0xC3, 0xD0, 0xD1, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9];
        string[] tails = [.. Enumerable.Range(0x80, 64).Select(b => ToChar((byte)b).ToString())];
        return Combine([.. leads.Select(b => ToChar(b).ToString())], tails).Append($"{ToChar(0xF0)}{ToChar(0x9F)}");
    }

    private static IEnumerable<string> Spaced(IEnumerable<string> texts) => texts.Select(text => Space + text);

    // Frequent with frequent first: in the order of the sum of both places.
    private static IEnumerable<string> Combine(string[] first, string[] second)
    {
        for (int sum = 0; sum < first.Length + second.Length - 1; sum++)
        {
            for (int i = Math.Max(0, sum - second.Length + 1); i <= Math.Min(sum, first.Length - 1); i++)
            {
                yield return first[i] + second[sum - i];
            }
        }
    }

    private static string[] Split(string letters) => [.. letters.Select(c => c.ToString())];

    private static bool IsVisible(int value)
        => value is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE and <= 0xFF;
}
