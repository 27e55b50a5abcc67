using System.Text.RegularExpressions;

namespace SmolLM3.Extensions.Models;

/// <summary>What the name of a GGUF file says.</summary>
internal static partial class GgufNames
{
    public static bool IsGguf(string name) => name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether it is one of the parts of a split model: <c>SmolLM3-Q4_K_M-00001-of-00002.gguf</c>. Parts are not
    /// read.</summary>
    public static bool IsPart(string name) => IsGguf(name) && PartEnd().IsMatch(Path.GetFileNameWithoutExtension(name));

    /// <summary>Whether it is a whole model, and not a part of one or what stands beside some: a projector of images,
    /// statistics.</summary>
    public static bool IsModel(string name)
    {
        string file = LastStep(name);
        return IsGguf(file) && !IsPart(file)
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

    private static string Stem(string name) =>
        PartEnd().Replace(Path.GetFileNameWithoutExtension(LastStep(name)), "");

    private static string LastStep(string name) => name[(name.LastIndexOf('/') + 1)..];

    [GeneratedRegex(@"-[0-9]{5}-of-[0-9]{5}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PartEnd();

    [GeneratedRegex(
        @"(?:^|[-._])((?:UD-)?(?:IQ|TQ|Q|BF|F|MXFP)\d+\w*)$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Quantization();
}
