using System.Diagnostics;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Telemetry;

/// <summary>The span and the time of loading a model.</summary>
internal sealed class LoadActivity : IDisposable
{
    private readonly Activity? _activity = SmolLM3Telemetry.Source.StartActivity("smollm3.load");
    private readonly long _start = Stopwatch.GetTimestamp();
    private TagList _tags;

    public LoadActivity(string model)
    {
        _tags = new([new(SmolLM3Telemetry.ModelTag, model)]);
        _activity?.SetTag(SmolLM3Telemetry.ModelTag, model);
    }

    /// <summary>It is loaded.</summary>
    public void End(EngineInfo engine)
    {
        _tags.Add("smollm3.engine", engine.Name);
        _activity?.SetTag("smollm3.engine", engine.Name);
        _activity?.SetTag("smollm3.kernels", engine.Kernels);
        _activity?.SetTag("smollm3.threads", engine.Threads);
    }

    /// <summary>It could not be loaded.</summary>
    public void Fail(Exception error)
    {
        _tags.Add(SmolLM3Telemetry.ErrorTag, SmolLM3Telemetry.ErrorType(error));
        _activity?.SetTag(SmolLM3Telemetry.ErrorTag, SmolLM3Telemetry.ErrorType(error));
        _activity?.SetStatus(ActivityStatusCode.Error, error.Message);
    }

    /// <summary>Tells listeners. What one of them throws is not heard: the model is loaded, or its error on the way.
    /// </summary>
    public void Dispose()
    {
        try
        {
            SmolLM3Telemetry.LoadDuration.Record(Stopwatch.GetElapsedTime(_start).TotalSeconds, _tags);
            _activity?.Dispose();
        }
        catch
        {
            // Code from outside.
        }
    }
}
