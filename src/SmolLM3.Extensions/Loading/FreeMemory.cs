using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SmolLM3.Extensions.Loading;

/// <summary>How much memory this process may still take.</summary>
internal static partial class FreeMemory
{
    private const string LinuxMemoryFile = "/proc/meminfo";

    /// <summary>Bytes that are free now: what the machine has left, or less where a container limits this process.
    /// </summary>
    public static long Measure()
    {
        // The collector knows the container's limit.
        long allowed = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes - Environment.WorkingSet;
        long left = ReadLinux() ?? ReadWindows() ?? ReadCollector();
        return Math.Max(0, Math.Min(allowed, left));
    }

    /// <summary>What was left when the collector last looked, which it does only when it collects; before the first
    /// collection it is made to.</summary>
    internal static long ReadCollector()
    {
        if (GC.GetGCMemoryInfo().Index == 0)
        {
            GC.Collect();
        }

        GCMemoryInfo info = GC.GetGCMemoryInfo();
        return info.TotalAvailableMemoryBytes - info.MemoryLoadBytes;
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

    private static long? ReadWindows()
    {
        if (!OperatingSystem.IsWindows())
        {
            return null;
        }

        MemoryStatus status = new() { Length = Unsafe.SizeOf<MemoryStatus>() };
        return GlobalMemoryStatusEx(ref status) ? status.AvailablePhysical : null;
    }

    [LibraryImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GlobalMemoryStatusEx(ref MemoryStatus status);

    /// <summary>Windows' MEMORYSTATUSEX, as far as it is read here.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    private struct MemoryStatus
    {
        [FieldOffset(0)]
        public int Length;

        [FieldOffset(16)]
        public long AvailablePhysical;
    }
}
