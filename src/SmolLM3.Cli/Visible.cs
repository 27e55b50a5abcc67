namespace SmolLM3.Cli;

/// <summary>Text from files and models, made harmless: it must not steer the terminal.</summary>
internal static class Visible
{
    /// <summary>Text of several lines as standard output takes it: harmless on a terminal, as it is elsewhere.</summary>
    public static string ForOutput(string text) => Console.IsOutputRedirected ? text : OfLines(text);

    /// <inheritdoc cref="ForOutput"/>
    public static string ForError(string text) => Console.IsErrorRedirected ? text : OfLines(text);

    /// <summary>Text of several lines, whose control characters are shown as their pictures.</summary>
    public static string OfLines(string text) => text.All(IsHarmless)
        ? text
        : string.Create(text.Length, text, static (visible, text) =>
        {
            for (int i = 0; i < text.Length; i++)
            {
                visible[i] = IsHarmless(text[i]) ? text[i] : text[i] < ' ' ? (char)('\u2400' + text[i]) : '\uFFFD';
            }
        });

    /// <summary>A name or value, which is of one line.</summary>
    public static string Of(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));

    private static bool IsHarmless(char character) => !char.IsControl(character) || character is '\n' or '\t';
}
