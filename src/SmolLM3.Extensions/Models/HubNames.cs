using System.Text.RegularExpressions;

namespace SmolLM3.Extensions.Models;

/// <summary>What names from outside may be before they become paths.</summary>
internal static partial class HubNames
{
    /// <summary>Whether a file's name leads into its folder and nowhere else, on every system: no way up, no root, no
    /// drive or stream, nothing Windows takes for another name or for a device.</summary>
    public static bool IsSafeFile(string name) => name.Split('/').All(IsSafeStep);

    /// <summary>Whether this is a commit: forty hexadecimal digits.</summary>
    public static bool IsCommit(string text) => text.Length == 40 && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Whether this is the SHA-256 of a large file or the SHA-1 of a small one.</summary>
    public static bool IsObjectId(string text) => text.Length is 40 or 64 && text.All(char.IsAsciiHexDigitLower);

    private static bool IsSafeStep(string step) =>
        step.Length > 0
        && step[0] != ' ' && step[^1] is not ('.' or ' ')
        && !step.Any(c => char.IsControl(c) || c is '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|')
        && !Device().IsMatch(step);

    /// <summary>What is a device on Windows in every folder, also with an extension.</summary>
    [GeneratedRegex(
        @"^(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³]) *(\.|$)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Device();
}
