using System.Collections.Concurrent;

namespace SmolLM3.Extensions.Tests.Models;

/// <summary>Time whose timers ring a hundred times as soon (long ones, which nobody waits for where all is well, only when
/// told to), that remembers what was asked of them, and whose clock goes on
/// a second whenever somebody looks.</summary>
internal sealed class FastTime : TimeProvider
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(30);

    private long _now;

    /// <summary>Whether long timers ring sooner too.</summary>
    public bool IsFastThroughout { get; set; }

    /// <summary>How long somebody wanted to wait.</summary>
    public ConcurrentQueue<TimeSpan> Waits { get; } = [];

    public override long GetTimestamp() => Interlocked.Add(ref _now, TimestampFrequency);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Waits.Enqueue(dueTime);
        return new Timer(this, base.CreateTimer(callback, state, Shorten(dueTime), Shorten(period)));
    }

    private TimeSpan Shorten(TimeSpan time) =>
        time > TimeSpan.Zero && (time < s_long || IsFastThroughout) ? time / 100 : time;

    private sealed class Timer(FastTime time, ITimer inner) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) =>
            inner.Change(time.Shorten(dueTime), time.Shorten(period));

        public void Dispose() => inner.Dispose();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
