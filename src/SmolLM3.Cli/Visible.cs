namespace SmolLM3.Cli;

/// <summary>Text from files, made harmless: it must not steer the terminal.</summary>
internal static class Visible
{
    public static string Of(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));
}
