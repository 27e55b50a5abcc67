using System.Collections.Concurrent;
using System.Diagnostics;

namespace SmolLM3.TinyModelTests.Soak;

/// <summary>What a soak came to.</summary>
internal sealed record SoakResult(
    IReadOnlyDictionary<SoakOutcome, int> Outcomes,
    IReadOnlyList<string> Complaints,
    int Parked,
    int Evicted,
    TimeSpan Time,
    long HeapAfterThird,
    long HeapAtEnd,
    long WorkingSetAfterThird,
    long WorkingSetAtEnd);

/// <summary>Random requests by many callers at once.</summary>
internal sealed class SoakRun(int seed)
{
    /// <summary>How many ask at once.</summary>
    public const int Callers = 24;

    private readonly SoakModel _model = new();
    private readonly ConcurrentDictionary<int, byte> _inFlight = [];
    private readonly ConcurrentDictionary<SoakOutcome, int> _outcomes = [];
    private readonly ConcurrentQueue<string> _complaints = [];
    private int _next;

    /// <summary>Asks so many requests.</summary>
    /// <param name="requests">How many.</param>
    /// <param name="patience">How long they may take; more is a deadlock.</param>
    /// <exception cref="TimeoutException">They took longer; it names those that were in flight.</exception>
    public async Task<SoakResult> RunAsync(int requests, TimeSpan patience)
    {
        long start = Stopwatch.GetTimestamp();
        await AskAsync(0, requests / 3, patience);
        (long Heap, long WorkingSet) third = Memory();
        await AskAsync(requests / 3, requests, patience - Stopwatch.GetElapsedTime(start));
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        (long Heap, long WorkingSet) end = Memory();
        await _model.CloseAsync();
        return new SoakResult(
            _outcomes, [.. _complaints, .. _model.Complaints], _model.Parked, _model.Evicted, time,
            third.Heap, end.Heap, third.WorkingSet, end.WorkingSet);
    }

    private async Task AskAsync(int first, int end, TimeSpan patience)
    {
        _next = first;
        try
        {
            await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(() => CallAsync(end)))).WaitAsync(patience);
        }
        catch (TimeoutException error)
        {
            throw new TimeoutException(
                $"Seed {seed}: requests {string.Join(", ", _inFlight.Keys.Order())} have not ended.", error);
        }
    }

    private async Task CallAsync(int end)
    {
        while (Interlocked.Increment(ref _next) - 1 is int number && number < end)
        {
            _inFlight[number] = default;
            try
            {
                SoakOutcome outcome = await SoakCaller.AskAsync(_model.Client, SoakRequests.Create(seed, number));
                _outcomes.AddOrUpdate(outcome, 1, (_, count) => count + 1);
            }
            catch (Exception error)
            {
                _complaints.Enqueue($"Seed {seed}, request {number}: {error}");
            }

            _inFlight.TryRemove(number, out _);
        }
    }

    private static (long Heap, long WorkingSet) Memory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return (GC.GetTotalMemory(forceFullCollection: true), Environment.WorkingSet);
    }
}
