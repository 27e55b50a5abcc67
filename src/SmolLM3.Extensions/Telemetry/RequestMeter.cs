using System.Diagnostics;
using SmolLM3.Extensions.Generation;

namespace SmolLM3.Extensions.Telemetry;

/// <summary>What is measured of every request, wherever it is computed.</summary>
/// <param name="model">What the model is called.</param>
/// <param name="time">What tells the time.</param>
internal sealed class RequestMeter(string model, TimeProvider time)
{
    /// <summary>The tag that says which model.</summary>
    public KeyValuePair<string, object?> Model { get; } = new(SmolLM3Telemetry.ModelTag, model);

    /// <summary>A request has come.</summary>
    public RequestTimes Arrive() => new(time.GetTimestamp());

    /// <summary>Its prompt is known, and how much of it an earlier one had computed.</summary>
    public void Prompt(int tokens, int cached)
    {
        SmolLM3Telemetry.PromptTokens.Add(tokens, Model);
        SmolLM3Telemetry.CachedTokens.Add(cached, Model);
    }

    /// <summary>Tokens came.</summary>
    public void Answer(RequestTimes times)
    {
        if (times.Answered is null)
        {
            times.Answered = time.GetTimestamp();
            SmolLM3Telemetry.TimeToFirstToken.Record(
                Since(times.Arrived), Model, SmolLM3Telemetry.OperationTag, SmolLM3Telemetry.ProviderTag);
        }
    }

    /// <summary>It ended.</summary>
    /// <param name="times">Its times.</param>
    /// <param name="tokens">Tokens of its answer.</param>
    /// <param name="error">How it failed, or null.</param>
    public void End(RequestTimes times, int tokens, Exception? error)
    {
        SmolLM3Telemetry.OutputTokens.Add(tokens, Model);
        if (error is null && times.Answered is { } answered && tokens > 1)
        {
            SmolLM3Telemetry.TimePerOutputToken.Record(
                Since(answered) / (tokens - 1), Model, SmolLM3Telemetry.OperationTag, SmolLM3Telemetry.ProviderTag);
        }

        TagList tags = new([Model, SmolLM3Telemetry.OperationTag, SmolLM3Telemetry.ProviderTag]);
        if (error is not null)
        {
            tags.Add(SmolLM3Telemetry.ErrorTag, SmolLM3Telemetry.ErrorType(error));
        }

        SmolLM3Telemetry.RequestDuration.Record(Since(times.Arrived), tags);
    }

    private double Since(long timestamp) => time.GetElapsedTime(timestamp).TotalSeconds;
}
