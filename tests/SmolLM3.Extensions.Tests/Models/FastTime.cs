using System.Collections.Concurrent;

namespace SmolLM3.Extensions.Tests.Models;

/// <summary>Time whose timers ring a hundred times as soon (long ones, which nobody waits for where all is well, only when
/// told to), that remembers what was asked of them, and whose clock goes on a tenth of a second whenever somebody looks and
/// as long as a timer was meant to take when it rings.</summary>
internal sealed class FastTime : TimeProvider
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(30);

    private long _now;

    /// <summary>Whether long timers ring sooner too.</summary>
    public bool IsFastThroughout { get; set; }

    /// <summary>How long somebody wanted to wait.</summary>
    public ConcurrentQueue<TimeSpan> Waits { get; } = [];

    public override long GetTimestamp() => Interlocked.Add(ref _now, TimestampFrequency / 10);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Waits.Enqueue(dueTime);
        Timer timer = new(this, dueTime);
        timer.Inner = base.CreateTimer(
            inner =>
            {
                timer.Ring();
                callback(inner);
            },
            state, Shorten(dueTime), Shorten(period));
        return timer;
    }

    private TimeSpan Shorten(TimeSpan time) =>
        time > TimeSpan.Zero && (time < s_long || IsFastThroughout) ? time / 100 : time;

    private sealed class Timer(FastTime time, TimeSpan due) : ITimer
    {
        private TimeSpan _due = due;

        public ITimer? Inner { get; set; }

        public void Ring() => Interlocked.Add(ref time._now, (long)(_due.TotalSeconds * time.TimestampFrequency));

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _due = dueTime;
            return Inner!.Change(time.Shorten(dueTime), time.Shorten(period));
        }

        public void Dispose() => Inner!.Dispose();

        public ValueTask DisposeAsync() => Inner!.DisposeAsync();
    }
}
