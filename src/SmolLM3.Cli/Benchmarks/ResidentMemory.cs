using System.Globalization;

namespace SmolLM3.Cli.Benchmarks;

/// <summary>The memory of this process that is its own.</summary>
internal static class ResidentMemory
{
    private const string StatusFile = "/proc/self/status";
    private const string AnonymousKey = "RssAnon:";

    /// <summary>
    /// Bytes in memory. On Linux without what files back: runtime heaps, buffers, keys and values, but not the mapped
    /// weights nor program code. Elsewhere the whole working set, mapped weights included.
    /// </summary>
    public static long Measure() => OperatingSystem.IsLinux() && File.Exists(StatusFile)
        && File.ReadLines(StatusFile).FirstOrDefault(line => line.StartsWith(AnonymousKey, StringComparison.Ordinal))
            is { } line
            ? ParseKilobytes(line[AnonymousKey.Length..])
            : Environment.WorkingSet;

    // "   12345 kB"; the kernel's kB are 1,024 bytes
    private static long ParseKilobytes(string text) =>
        long.Parse(text.Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024;
}
