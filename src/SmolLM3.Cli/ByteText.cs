namespace SmolLM3.Cli;

/// <summary>Bytes for people, in decimal units.</summary>
internal static class ByteText
{
    public static string Of(long bytes) => bytes switch
    {
        >= 1_000_000_000 => $"{bytes / 1e9:N2} GB",
        >= 1_000_000 => $"{bytes / 1e6:F1} MB",
        _ => $"{bytes / 1e3:F1} kB",
    };
}
