using System.Collections.Concurrent;
using System.Diagnostics;
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
    private readonly KeyValuePair<string, object?> _model;
    private volatile int _running;
    private volatile int _freeTokens;
    private long _drafted;
    private long _accepted;

    public GenerationMetrics(RequestIntake intake, IInferenceEngine engine, GenerationOptions options)
    {
        (_intake, _time, Model) = (intake, options.Time, options.ModelName);
        _model = new(SmolLM3Telemetry.ModelTag, Model);
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
            SmolLM3Telemetry.QueueDuration.Record(Since(sequence.Times.Arrived), _model);
            SmolLM3Telemetry.PromptTokens.Add(sequence.PromptLength, _model);
            SmolLM3Telemetry.CachedTokens.Add(sequence.CachedPromptTokens ?? 0, _model);
        }
    }

    /// <summary>Tokens came.</summary>
    public void Answer(Sequence sequence)
    {
        if (sequence.Times.Answered is null && sequence.Generated > 0)
        {
            sequence.Times.Answered = _time.GetTimestamp();
            SmolLM3Telemetry.TimeToFirstToken.Record(
                Since(sequence.Times.Arrived), _model, SmolLM3Telemetry.OperationTag, SmolLM3Telemetry.ProviderTag);
        }
    }

    /// <summary>A request ended.</summary>
    public void End(Sequence sequence, Exception? error)
    {
        SmolLM3Telemetry.OutputTokens.Add(sequence.Generated, _model);
        if (error is null && sequence is { Times.Answered: { } answered, Generated: > 1 })
        {
            SmolLM3Telemetry.TimePerOutputToken.Record(
                Since(answered) / (sequence.Generated - 1),
                _model,
                SmolLM3Telemetry.OperationTag,
                SmolLM3Telemetry.ProviderTag);
        }

        TagList tags = new([_model, SmolLM3Telemetry.OperationTag, SmolLM3Telemetry.ProviderTag]);
        if (error is not null)
        {
            tags.Add(SmolLM3Telemetry.ErrorTag, SmolLM3Telemetry.ErrorType(error));
        }

        SmolLM3Telemetry.RequestDuration.Record(Since(sequence.Times.Arrived), tags);
    }

    /// <summary>A step was computed.</summary>
    public void Step(int requests, StepExecutor executor, TimeSpan elapsed)
    {
        SmolLM3Telemetry.StepDuration.Record(elapsed.TotalSeconds, _model);
        SmolLM3Telemetry.StepRequests.Record(requests, _model);
        SmolLM3Telemetry.StepTokens.Record(executor.Rows, _model);
        SmolLM3Telemetry.DraftTokens.Add(executor.Drafted - _drafted, _model);
        SmolLM3Telemetry.AcceptedDraftTokens.Add(executor.Accepted - _accepted, _model);
        (_drafted, _accepted) = (executor.Drafted, executor.Accepted);
    }

    /// <summary>Takes note of what the generator is at.</summary>
    public void Observe(int running, int freeTokens) => (_running, _freeTokens) = (running, freeTokens);

    /// <summary>A request was refused. Any thread.</summary>
    public void Reject() => SmolLM3Telemetry.Rejections.Add(1, _model);

    /// <summary>A kept prefix was dropped.</summary>
    public void Evict() => SmolLM3Telemetry.Evictions.Add(1, _model);

    /// <summary>A request was parked.</summary>
    public void Park() => SmolLM3Telemetry.Parkings.Add(1, _model);

    /// <summary>Reports no more.</summary>
    public void Dispose() => s_live.TryRemove(this, out _);

    private double Since(long timestamp) => _time.GetElapsedTime(timestamp).TotalSeconds;
}
