using System.Collections.Concurrent;
using SmolLM3.Extensions.Generation;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Telemetry;

/// <summary>What one generator measures of itself. Any thread may read <see cref="Load"/>; the rest is for the loop
/// thread.</summary>
internal sealed class GenerationMetrics : IDisposable
{
    private static readonly ConcurrentDictionary<GenerationMetrics, byte> s_live = [];

    private readonly RequestIntake _intake;
    private readonly TimeProvider _time;
    private readonly int _capacity;
    private readonly RequestMeter _requests;
    private volatile int _running;
    private volatile int _freeTokens;
    private long _drafted;
    private long _accepted;

    public GenerationMetrics(RequestIntake intake, IInferenceEngine engine, GenerationOptions options)
    {
        (_intake, _time, Model) = (intake, options.Time, options.ModelName);
        _requests = new(Model, _time);
        (_capacity, _freeTokens) = (engine.Limits.CapacityTokens, engine.FreeTokens);
        s_live.TryAdd(this, default);
    }

    /// <summary>Those of all generators that are not disposed.</summary>
    public static IEnumerable<GenerationMetrics> Live => s_live.Keys;

    /// <summary>What the model is called.</summary>
    public string Model { get; }

    /// <summary>What the generator is at.</summary>
    public GeneratorLoad Load
    {
        get
        {
            int running = _running;
            return new(running, Math.Max(0, _intake.Requests - running), _intake.MaxRequests, _freeTokens, _capacity);
        }
    }

    /// <summary>A request is part of the steps from now on, for the first time or again.</summary>
    public void Start(Sequence sequence)
    {
        if (sequence.Times.Started is null)
        {
            sequence.Times.Started = _time.GetTimestamp();
            SmolLM3Telemetry.QueueDuration.Record(
                _time.GetElapsedTime(sequence.Times.Arrived).TotalSeconds, _requests.Model);
            _requests.Prompt(sequence.PromptLength, sequence.CachedPromptTokens ?? 0);
        }
    }

    /// <summary>Tokens came.</summary>
    public void Answer(Sequence sequence)
    {
        if (sequence.Generated > 0)
        {
            _requests.Answer(sequence.Times);
        }
    }

    /// <summary>A request ended.</summary>
    public void End(Sequence sequence, Exception? error) => _requests.End(sequence.Times, sequence.Generated, error);

    /// <summary>A step was computed.</summary>
    public void Step(int requests, StepExecutor executor, TimeSpan elapsed)
    {
        SmolLM3Telemetry.StepDuration.Record(elapsed.TotalSeconds, _requests.Model);
        SmolLM3Telemetry.StepRequests.Record(requests, _requests.Model);
        SmolLM3Telemetry.StepTokens.Record(executor.Rows, _requests.Model);
        SmolLM3Telemetry.DraftTokens.Add(executor.Drafted - _drafted, _requests.Model);
        SmolLM3Telemetry.AcceptedDraftTokens.Add(executor.Accepted - _accepted, _requests.Model);
        (_drafted, _accepted) = (executor.Drafted, executor.Accepted);
    }

    /// <summary>Takes note of what the generator is at.</summary>
    public void Observe(int running, int freeTokens) => (_running, _freeTokens) = (running, freeTokens);

    /// <summary>A request was refused. Any thread.</summary>
    public void Reject() => SmolLM3Telemetry.Rejections.Add(1, _requests.Model);

    /// <summary>A kept prefix was dropped.</summary>
    public void Evict() => SmolLM3Telemetry.Evictions.Add(1, _requests.Model);

    /// <summary>A request was parked.</summary>
    public void Park() => SmolLM3Telemetry.Parkings.Add(1, _requests.Model);

    /// <summary>Reports no more.</summary>
    public void Dispose() => s_live.TryRemove(this, out _);
}
