using System.Globalization;

namespace SmolLM3.Extensions.Adapters;

/// <summary>An adapter that keys and values were computed with, whatever it is called.</summary>
/// <param name="Fingerprint">Of its file.</param>
/// <param name="Scale">Its scale.</param>
internal readonly record struct AdapterOrigin(string Fingerprint, float Scale)
{
    /// <summary>On one line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Fingerprint} {Scale}");

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string line, out AdapterOrigin origin)
    {
        origin = default;
        if (line.Split(' ') is not [var fingerprint, var text]
            || !float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float scale)
            || !float.IsFinite(scale))
        {
            return false;
        }

        origin = new(fingerprint, scale);
        return true;
    }
}
