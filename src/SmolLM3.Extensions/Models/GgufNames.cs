using System.Text.RegularExpressions;

namespace SmolLM3.Extensions.Models;

/// <summary>What the name of a GGUF file says.</summary>
internal static partial class GgufNames
{
    public static bool IsGguf(string name) => name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether it is a model, and not what stands beside some: a projector of images, statistics.</summary>
    public static bool IsModel(string name)
    {
        string file = LastStep(name);
        return IsGguf(file)
            && !file.StartsWith("mmproj", StringComparison.OrdinalIgnoreCase)
            && !file.Contains("imatrix.", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether it ends with a quantization: <c>SmolLM3-Q4_K_M.gguf</c>, <c>smollm3.q4_k_m.gguf</c>.</summary>
    public static bool HasQuantization(string name, string quantization)
    {
        string stem = Stem(name);
        int start = stem.Length - quantization.Length;
        return stem.EndsWith(quantization, StringComparison.OrdinalIgnoreCase)
            && (start == 0 || stem[start - 1] is '-' or '.' or '_');
    }

    /// <summary>The quantization a name ends with, or null: <c>Q4_K_M</c>, <c>UD-Q4_K_XL</c>, <c>F16</c>.</summary>
    public static string? QuantizationOf(string name) =>
        Quantization().Match(Stem(name)) is { Success: true } match ? match.Groups[1].Value.ToUpperInvariant() : null;

    private static string Stem(string name) => Path.GetFileNameWithoutExtension(LastStep(name));

    private static string LastStep(string name) => name[(name.LastIndexOf('/') + 1)..];

    [GeneratedRegex(
        @"(?:^|[-._])((?:UD-)?(?:IQ|TQ|Q|BF|F|MXFP)\d+\w*)$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Quantization();
}
