using System.Globalization;

namespace SmolLM3.Fuzz;

/// <summary>What a run of the fuzzer goes by.</summary>
/// <param name="Seconds">How long it looks.</param>
/// <param name="Seed">Where chance begins: the same seed makes the same schemas.</param>
/// <param name="Findings">The folder that schemas which hurt are written to.</param>
internal sealed record FuzzSettings(double Seconds, int Seed, string Findings)
{
    /// <summary>Reads <c>name=value</c>.</summary>
    /// <exception cref="ArgumentException">A name is not known.</exception>
    public static FuzzSettings Read(IEnumerable<string> words)
    {
        FuzzSettings settings = new(60, 1, Path.Combine(Path.GetTempPath(), "smollm3-fuzz"));
        foreach (string word in words)
        {
            settings = word.Split('=', 2) switch
            {
                ["seconds", var value] => settings with { Seconds = double.Parse(value, CultureInfo.InvariantCulture) },
                ["seed", var value] => settings with { Seed = int.Parse(value, CultureInfo.InvariantCulture) },
                ["findings", var value] => settings with { Findings = value },
                _ => throw new ArgumentException($"'{word}' is no setting: seconds=, seed= or findings="),
            };
        }

        return settings;
    }
}
