using System.Diagnostics.CodeAnalysis;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Generation;

/// <summary>Where requests come in: how many may be here, their numbers and their deadlines. Any thread.</summary>
internal sealed class RequestIntake
{
    // Longer is for ever, and would not fit a time stamp.
    private static readonly TimeSpan s_mostTimeout = TimeSpan.FromDays(365);

    private readonly EngineInfo _engine;
    private readonly GenerationOptions _options;
    private readonly Inbox<Sequence> _inbox = new();
    private long _arrivals;
    private int _requests;

    /// <summary>Makes an intake for an engine.</summary>
    public RequestIntake(IInferenceEngine engine, GenerationOptions options)
    {
        EngineLimits limits = engine.Limits;
        _engine = engine.Info;
        _options = options;
        MaxRunning = Math.Min(options.MaxRunning ?? limits.MaxSequences, limits.MaxSequences);
        ContextLength = Math.Min(limits.ContextLength, limits.CapacityTokens);
    }

    /// <summary>Told of every request that is refused; throws nothing.</summary>
    public Action? OnRefusal { get; set; }

    /// <summary>Most requests that run together.</summary>
    public int MaxRunning { get; }

    /// <summary>Requests that wait or run.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Most requests that wait or run.</summary>
    public long MaxRequests => MaxRunning + (long)_options.MaxQueued;

    /// <summary>Most tokens of a request, prompt and answer together.</summary>
    public int ContextLength { get; }

    /// <summary>Takes in a validated request.</summary>
    /// <exception cref="ObjectDisposedException">The intake is closed.</exception>
    /// <exception cref="SmolLM3OverloadedException">Too many requests wait.</exception>
    public void Submit(GenerationRequest request, long seed, TokenStream stream)
    {
        int requests = Interlocked.Increment(ref _requests);
        if (requests > MaxRequests)
        {
            Leave();
            throw Refuse(requests - 1);
        }

        try
        {
            long number = Interlocked.Increment(ref _arrivals);
            long now = _options.Time.GetTimestamp();
            bool drafts = _options.DraftsFromPrompt && (_engine.IsBatchInvariant || request.Sampling.Temperature == 0);
            _inbox.Add(new Sequence(number, request, ContextLength, seed, stream, drafts)
            {
                Times = new(now),
                Deadline = DeadlineOf(request, now),
            });
        }
        catch
        {
            Leave();
            throw;
        }
    }

    /// <summary>Refuses what <see cref="Submit"/> would refuse, before work is put into it.</summary>
    /// <exception cref="SmolLM3OverloadedException">Too many requests wait.</exception>
    public void ThrowIfFull()
    {
        int requests = Requests;
        if (requests >= MaxRequests)
        {
            throw Refuse(requests);
        }
    }

    /// <summary>Takes out the next request that came in.</summary>
    public bool TryTake([NotNullWhen(true)] out Sequence? sequence) => _inbox.TryTake(out sequence);

    /// <summary>Counts a request off: it ended.</summary>
    public void Leave() => Interlocked.Decrement(ref _requests);

    /// <summary>Takes no more.</summary>
    public void Close() => _inbox.Close();

    private SmolLM3OverloadedException Refuse(int requests)
    {
        OnRefusal?.Invoke();
        return new(requests, MaxRunning, _options.MaxQueued);
    }

    private long? DeadlineOf(GenerationRequest request, long now) => request.Timeout < s_mostTimeout
        ? now + (long)(request.Timeout.Value.TotalSeconds * _options.Time.TimestampFrequency)
        : null;
}
