using System.Runtime.ExceptionServices;

namespace SmolLM3.Inference.Managed;

/// <summary>
/// Threads of its own that share out the parts of one piece of work; the caller is worker 0. After each round a worker
/// watches for the next one for a moment, as it comes within microseconds in the middle of a forward pass, and then
/// sleeps: an idle pool costs no processor time.
/// </summary>
/// <remarks>
/// One thread at a time may call <see cref="Run"/>. A round is published by counting <see cref="PoolState.Round"/> up,
/// and over when every worker has counted <see cref="PoolState.Busy"/> down. Which worker does which part never matters
/// to the result.
/// </remarks>
internal sealed class WorkerPool : IDisposable
{
    // A look takes about 40 ns. Workers wait 80 microseconds, some ten times the longest serial step between two
    // rounds of a forward pass of one row.
    private const int WorkerLooks = 2000;

    // The caller waits for workers that are at work. If that takes longer, one of them has lost its core, and this
    // one may be the one it needs.
    private const int CallerLooks = 10_000;

    private readonly Thread[] _threads;
    private readonly object _gate = new();
    private readonly object _done = new();
    private readonly PoolState _state = new();
    private Work? _work;
    private int _parts;
    private Exception? _failure;
    private volatile bool _stopping;

    /// <summary>Starts the threads.</summary>
    /// <param name="workers">Threads that compute, the caller among them.</param>
    public WorkerPool(int workers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        Workers = workers;
        _threads = new Thread[workers - 1];
        for (int i = 0; i < _threads.Length; i++)
        {
            int worker = i + 1;
            _threads[i] = new Thread(() => Serve(worker)) { IsBackground = true, Name = $"SmolLM3 worker {worker}" };
            _threads[i].Start();
        }
    }

    /// <summary>Threads that compute, the caller among them.</summary>
    public int Workers { get; }

    /// <summary>Workers that sleep just now.</summary>
    public int Sleeping => Volatile.Read(ref _state.Sleeping);

    /// <summary>Does parts 0 to <paramref name="parts"/> - 1, and returns when all are done. One part is done by the
    /// caller, without a word to the others.</summary>
    /// <exception cref="Exception">What the first part to fail threw. Parts nobody had begun were left out.</exception>
    public void Run(Work work, int parts)
    {
        ObjectDisposedException.ThrowIf(_stopping, this);
        if (parts <= 1 || _threads.Length == 0)
        {
            RunAlone(work, parts);
            return;
        }

        (_work, _parts) = (work, parts);
        _state.NextPart = Workers;
        _state.Busy = _threads.Length;
        Interlocked.Increment(ref _state.Round);
        if (Volatile.Read(ref _state.Sleeping) > 0)
        {
            WakeWorkers();
        }

        RunParts(worker: 0);
        AwaitWorkers();
        (_work, Exception? failure) = (null, _failure);
        if (failure is not null)
        {
            _failure = null;
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>Does all parts on the calling thread.</summary>
    public static void RunAlone(Work work, int parts)
    {
        for (int part = 0; part < parts; part++)
        {
            work.Run(part, worker: 0);
        }
    }

    /// <summary>Ends the threads and waits for them.</summary>
    public void Dispose()
    {
        if (_stopping)
        {
            return;
        }

        _stopping = true;
        Interlocked.Increment(ref _state.Round);
        WakeWorkers();
        foreach (Thread thread in _threads)
        {
            thread.Join();
        }
    }

    private void Serve(int worker)
    {
        for (int round = 0; ; round++)
        {
            AwaitRound(round);
            if (_stopping)
            {
                return;
            }

            RunParts(worker);
            if (Interlocked.Decrement(ref _state.Busy) == 0 && Volatile.Read(ref _state.CallerSleeps))
            {
                lock (_done)
                {
                    Monitor.Pulse(_done);
                }
            }
        }
    }

    // Part w is worker w's, so that with one part each everybody meets the same memory every time; what is more goes
    // to whoever is free.
    private void RunParts(int worker)
    {
        Work work = _work!;
        try
        {
            for (int part = worker; part < _parts; part = Interlocked.Increment(ref _state.NextPart) - 1)
            {
                work.Run(part, worker);
            }
        }
#pragma warning disable CA1031 // Whatever it is, the caller gets it; a worker must not die of it.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref _failure, failure, null);
            Volatile.Write(ref _state.NextPart, _parts);
        }
    }

    private void AwaitRound(int last)
    {
        for (int look = 0; look < WorkerLooks; look++)
        {
            if (Volatile.Read(ref _state.Round) != last)
            {
                return;
            }

            Thread.SpinWait(1);
        }

        lock (_gate)
        {
            // Counting is a full fence: either the caller sees a sleeper, or the sleeper sees the round.
            Interlocked.Increment(ref _state.Sleeping);
            while (Volatile.Read(ref _state.Round) == last)
            {
                Monitor.Wait(_gate);
            }

            Interlocked.Decrement(ref _state.Sleeping);
        }
    }

    private void WakeWorkers()
    {
        lock (_gate)
        {
            Monitor.PulseAll(_gate);
        }
    }

    private void AwaitWorkers()
    {
        for (int look = 0; look < CallerLooks; look++)
        {
            if (Volatile.Read(ref _state.Busy) == 0)
            {
                return;
            }

            Thread.SpinWait(1);
        }

        lock (_done)
        {
            Volatile.Write(ref _state.CallerSleeps, true);
            Interlocked.MemoryBarrier();
            while (Volatile.Read(ref _state.Busy) != 0)
            {
                Monitor.Wait(_done);
            }

            Volatile.Write(ref _state.CallerSleeps, false);
        }
    }
}
