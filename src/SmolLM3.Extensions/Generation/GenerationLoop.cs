using Microsoft.Extensions.Logging;
using SmolLM3.Extensions.Telemetry;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Generation;

/// <summary>
/// The one that touches the engine: schedule, forward, sample, publish. Any thread may submit; everything else is for
/// one.
/// </summary>
internal sealed class GenerationLoop
{
    private readonly IInferenceEngine _engine;
    private readonly TimeProvider _time;
    private readonly RequestIntake _intake;
    private readonly GenerationMetrics _metrics;
    private readonly GenerationJournal _journal;
    private readonly StepPace _pace;
    private readonly Scheduler _scheduler;
    private readonly PrefixCache _prefixes;
    private readonly StepExecutor _executor;
    private readonly List<Share> _shares = [];
    private readonly List<Share> _alone = [default];
    private readonly LoopWorkQueue _work = new();
    private readonly Func<Sequence, bool> _hasRoom;

    /// <summary>Makes a loop over an engine whose sequences are all empty.</summary>
    public GenerationLoop(IInferenceEngine engine, ILogger logger, GenerationOptions? options = null)
    {
        options ??= new GenerationOptions();
        int maxRows = engine.Limits.MaxBatchRows;
        _engine = engine;
        _time = options.Time;
        _intake = new RequestIntake(engine, options);
        _metrics = new GenerationMetrics(_intake, engine, options);
        _journal = new GenerationJournal(logger, _metrics);
        _intake.OnRefusal = _journal.Rejected;
        _pace = new StepPace(options.TargetStepTime, options.MaxMixedRows, maxRows);
        _scheduler = new Scheduler(_intake.MaxRunning, maxRows, _pace, engine.Info.MixesAdapters);
        _prefixes = new PrefixCache(engine, options.MaxCachedTokens ?? int.MaxValue, _journal.Evicted);
        _hasRoom = HasRoom;
        _executor = new StepExecutor(engine);
    }

    /// <inheritdoc cref="GenerationMetrics.Load"/>
    public GeneratorLoad Load => _metrics.Load;

    /// <inheritdoc cref="RequestIntake.ThrowIfFull"/>
    public void ThrowIfFull() => _intake.ThrowIfFull();

    /// <inheritdoc cref="RequestIntake.ContextLength"/>
    public int ContextLength => _intake.ContextLength;

    /// <inheritdoc cref="RequestIntake.Submit"/>
    public void Submit(GenerationRequest request, long seed, TokenStream stream) =>
        _intake.Submit(request, seed, stream);

    /// <summary>Takes in work that is done between two steps. Any thread.</summary>
    /// <exception cref="ObjectDisposedException">The loop is closed.</exception>
    public void Submit(LoopWork work) => _work.Add(work);

    /// <summary>One step for everyone who runs: schedule, forward, sample and publish.</summary>
    /// <returns>False when there is nothing to do until something is submitted.</returns>
    public bool Step()
    {
        // Taken before those who gave up are ended: who let go of an adapter and then had it unloaded is among them. One
        // a step: those who run go on between two of them.
        _work.Take();
        Receive();
        bool worked = _work.Run(_engine, _prefixes);
        Schedule();
        bool isMixed = _scheduler.IsMixed;
        long start = _time.GetTimestamp();
        if (_executor.TryForward(_shares, out Exception? error))
        {
            SampleAndPublish(_shares);
            if (_shares.Count > 0)
            {
                TimeSpan elapsed = _time.GetElapsedTime(start);
                _pace.Learn(isMixed, _executor.Rows, elapsed);
                _journal.Stepped(_shares.Count, _executor, elapsed);
            }
        }
        else
        {
            Recover(error);
        }

        _metrics.Observe(_scheduler.Running.Count, _engine.FreeTokens);
        return worked || _shares.Count > 0;
    }

    /// <summary>Ends every request with an error and starts over with empty slots.</summary>
    public void Abort(Exception error)
    {
        TakeIn();
        Sequence[] sequences = [.. _scheduler.Waiting, .. _scheduler.Running];
        foreach (Sequence sequence in sequences)
        {
            Remove(sequence);
            _journal.Ended(sequence, error, wasCancelled: false);
            sequence.Stream.Complete(error);
        }

        try
        {
            _prefixes.Clear();
        }
        catch (Exception broken)
        {
            _journal.NotCleared(broken);
        }

        if (sequences.Length > 0)
        {
            _journal.Aborted(error, sequences.Length);
        }
    }

    /// <summary>Ends every request and takes no more. The engine is left with empty slots.</summary>
    public void Close()
    {
        _intake.Close();
        ObjectDisposedException error = new(nameof(LocalGenerator), "The generator was disposed; its requests end.");
        _work.Close(error);
        Abort(error);
        _metrics.Dispose();
    }

    /// <summary>Throws when the books of scheduler, prefix cache and engine disagree.</summary>
    public void CheckIntegrity()
    {
        _scheduler.CheckIntegrity();
        _prefixes.CheckIntegrity();
        foreach (Sequence sequence in _scheduler.Running)
        {
            if (_engine.GetLength(sequence.Slot) != sequence.Stored)
            {
                throw new InvalidOperationException(
                    $"Request {sequence.Number} counts {sequence.Stored} stored tokens, the engine " +
                    $"{_engine.GetLength(sequence.Slot)}.");
            }

            if (!_engine.GetAdapters(sequence.Slot).Equals(sequence.Adapters))
            {
                throw new InvalidOperationException($"Request {sequence.Number} is computed with other adapters.");
            }
        }
    }

    private void Receive()
    {
        TakeIn();
        long now = _time.GetTimestamp();
        EndCancelled(_scheduler.Waiting, now);
        EndCancelled(_scheduler.Running, now);
    }

    private void TakeIn()
    {
        while (_intake.TryTake(out Sequence? sequence))
        {
            _scheduler.Enqueue(sequence);
        }
    }

    private void EndCancelled(IReadOnlyList<Sequence> sequences, long now)
    {
        for (int i = sequences.Count - 1; i >= 0; i--)
        {
            Sequence sequence = sequences[i];
            if (sequence.Stream.IsCancelled)
            {
                End(sequence, new OperationCanceledException(), wasCancelled: true);
            }
            else if (sequence.Stream.IsAbandoned)
            {
                sequence.Finish();
                End(sequence, error: null);
            }
            else if (now >= sequence.Deadline)
            {
                End(sequence, sequence.ToTimeout());
            }
        }
    }

    private void Remove(Sequence sequence)
    {
        _scheduler.Remove(sequence);
        _intake.Leave();
    }

    private void Schedule()
    {
        while (_scheduler.FindNext(_hasRoom) is { } next && TryAcquire(next, out int slot, out int stored))
        {
            _scheduler.Start(next);
            next.Start(slot, stored);
            if (_journal.Started(next) is { } error)
            {
                End(next, error);
            }
        }

        _scheduler.Plan(_shares);
    }

    private bool TryAcquire(Sequence sequence, out int slot, out int stored) =>
        _prefixes.TryAcquire(sequence.Tokens, sequence.Adapters, out slot, out stored);

    // Those who run come first: they are not to be computed again for a newcomer's sake.
    private bool HasRoom(Sequence newcomer)
    {
        long missing = _prefixes.CountMissing(newcomer.Tokens, newcomer.Adapters, out long room);
        long wanted = newcomer.Growth - newcomer.Pending + missing;
        foreach (Sequence sequence in _scheduler.Running)
        {
            wanted += sequence.Growth;
        }

        return wanted <= room;
    }

    private void SampleAndPublish(List<Share> shares)
    {
        int logits = 0;
        foreach (Share share in shares)
        {
            Sequence sequence = share.Sequence;
            if (sequence.Pending > 0)
            {
                continue;
            }

            Exception? error = _executor.Sample(share, logits);
            logits += 1 + share.Drafts;
            error ??= _journal.Answered(sequence);
            if (error is not null || sequence.End is not null)
            {
                End(sequence, error);
            }
        }
    }

    private void Recover(Exception? error)
    {
        if (error is null)
        {
            MakeRoom();
        }
        else
        {
            Isolate(error);
        }
    }

    private void MakeRoom()
    {
        if (_prefixes.TryEvict())
        {
            return;
        }

        if (_scheduler.ParkYoungest() is { } parked)
        {
            Exception? error = _journal.Parked(parked);
            int slot = parked.Slot;
            parked.Stop();
            _prefixes.Release(slot);
            if (error is not null)
            {
                End(parked, error);
            }
        }
        else
        {
            Sequence alone = _scheduler.Running[0];
            End(alone, new CapacityExceededException(alone.Tokens.Count, _engine.Limits.CapacityTokens));
        }
    }

    // A failed step may be half done: undo it, then find out who is to blame. Who finds no room alone is left as it is
    // and comes to that again in the next step.
    private void Isolate(Exception error)
    {
        _journal.StepFailed(error, _shares.Count);
        _executor.Undo(_shares);
        if (_shares.Count == 1)
        {
            End(_shares[0].Sequence, error);
            return;
        }

        foreach (Share share in _shares)
        {
            _alone[0] = share;
            if (_executor.TryForward(_alone, out Exception? own))
            {
                SampleAndPublish(_alone);
            }
            else if (own is not null)
            {
                End(share.Sequence, own);
            }
        }
    }

    private void End(Sequence sequence, Exception? error, bool wasCancelled = false)
    {
        int slot = sequence.Slot;
        error ??= SaveState(sequence);
        Remove(sequence);
        sequence.Stop();
        Exception? told = _journal.Ended(sequence, error, wasCancelled);
        sequence.Stream.Complete(error ?? told);
        if (slot >= 0 && (error is null || wasCancelled))
        {
            _prefixes.Retain(slot);
        }
        else if (slot >= 0)
        {
            _prefixes.Release(slot);
        }
    }

    private Exception? SaveState(Sequence sequence)
    {
        if (sequence.Stream.State is not { } state)
        {
            return null;
        }

        try
        {
            _engine.Truncate(sequence.Slot, sequence.PromptLength);
            _engine.SaveSequence(sequence.Slot, state);
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }
}
