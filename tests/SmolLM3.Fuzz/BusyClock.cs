using System.Diagnostics;

namespace SmolLM3.Fuzz;

/// <summary>Takes time on a machine that others use, too: what passed, or what this process had of the processors where
/// that is less.</summary>
internal readonly struct BusyClock
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly TimeSpan _used = Environment.CpuUsage.TotalTime;

    public BusyClock()
    {
    }

    /// <summary>Time since the clock was made.</summary>
    public TimeSpan Elapsed
    {
        get
        {
            TimeSpan passed = Stopwatch.GetElapsedTime(_start), used = Environment.CpuUsage.TotalTime - _used;
            return passed < used ? passed : used;
        }
    }
}
