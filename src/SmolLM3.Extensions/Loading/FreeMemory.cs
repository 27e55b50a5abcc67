using System.Globalization;

namespace SmolLM3.Extensions.Loading;

/// <summary>How much memory this process may still take.</summary>
internal static class FreeMemory
{
    private const string LinuxMemoryFile = "/proc/meminfo";

    /// <summary>Bytes that are free now: what the machine has left, or less where a container limits this process.
    /// </summary>
    public static long Measure()
    {
        GCMemoryInfo info = GC.GetGCMemoryInfo();

        // The collector knows the container's limit, but learns the load of the machine only when it collects.
        long allowed = info.TotalAvailableMemoryBytes - Environment.WorkingSet;
        long left = ReadLinux() ?? (info.TotalAvailableMemoryBytes - info.MemoryLoadBytes);
        return Math.Max(0, Math.Min(allowed, left));
    }

    private static long? ReadLinux()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(LinuxMemoryFile))
        {
            return null;
        }

        // "MemAvailable:   23456789 kB"
        string? line = File.ReadLines(LinuxMemoryFile)
            .FirstOrDefault(text => text.StartsWith("MemAvailable:", StringComparison.Ordinal));
        string? number = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries).ElementAtOrDefault(1);
        return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long kibibytes)
            ? kibibytes * 1024
            : null;
    }
}
