using System.Diagnostics;
using SmolLM3.Extensions.Generation;

namespace SmolLM3.Extensions.Telemetry;

/// <summary>The span of one request, from the caller's point of view. Costs nothing when nobody listens.</summary>
internal sealed class RequestActivity : IDisposable
{
    private static readonly string[] s_left = ["stop"];

    private readonly Activity? _activity;
    private int _outputTokens;
    private GenerationEnd? _end;

    private RequestActivity(Activity? activity) => _activity = activity;

    public static RequestActivity Start(string model, int promptTokens)
    {
        Activity? activity = SmolLM3Telemetry.Source.StartActivity("smollm3.generate");
        activity?.SetTag(SmolLM3Telemetry.ModelTag, model);
        activity?.SetTag(SmolLM3Telemetry.OperationTag.Key, SmolLM3Telemetry.OperationTag.Value);
        activity?.SetTag(SmolLM3Telemetry.ProviderTag.Key, SmolLM3Telemetry.ProviderTag.Value);
        activity?.SetTag("gen_ai.usage.input_tokens", promptTokens);
        return new(activity);
    }

    /// <summary>A token came.</summary>
    public void Add(GeneratedToken token)
    {
        if (_outputTokens++ == 0)
        {
            _activity?.AddEvent(new ActivityEvent("smollm3.first_token"));
            _activity?.SetTag("gen_ai.usage.cache_read.input_tokens", token.CachedPromptTokens);
        }

        _end = token.End;
    }

    /// <summary>The reader leaves, at the end or before.</summary>
    /// <param name="error">What the request ended with, or null.</param>
    /// <param name="cancellationToken">Cancelled when the caller gave up.</param>
    public void End(Exception? error, CancellationToken cancellationToken)
    {
        if (_activity is null)
        {
            return;
        }

        _activity.SetTag("gen_ai.usage.output_tokens", _outputTokens);
        if (_end is { } end)
        {
            string[] reasons = [end == GenerationEnd.Stop ? "stop" : "length"];
            _activity.SetTag("gen_ai.response.finish_reasons", reasons);
        }
        else if (error is null && !cancellationToken.IsCancellationRequested)
        {
            // The reader has what it wanted: a stop sequence, or a call.
            _activity.SetTag("gen_ai.response.finish_reasons", s_left);
        }
        else
        {
            error ??= new OperationCanceledException();
            _activity.SetTag(SmolLM3Telemetry.ErrorTag, SmolLM3Telemetry.ErrorType(error));
            _activity.SetStatus(ActivityStatusCode.Error, error.Message);
        }
    }

    public void Dispose() => _activity?.Dispose();
}
