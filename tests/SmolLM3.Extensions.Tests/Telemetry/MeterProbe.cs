using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using SmolLM3.Extensions.Telemetry;

namespace SmolLM3.Extensions.Tests.Telemetry;

/// <summary>Listens to the measurements of one model.</summary>
internal sealed class MeterProbe : IDisposable
{
    private readonly string _model;
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<(string Instrument, double Value, string? Error)> _measured = [];

    public MeterProbe(string model)
    {
        _model = model;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == SmolLM3Telemetry.Name)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>Called with the name of an instrument of the model before its value is kept; may throw.</summary>
    public Action<string>? OnMeasure { get; set; }

    /// <summary>What an instrument was told so far.</summary>
    public double[] this[string instrument] =>
        [.. _measured.Where(each => each.Instrument == instrument).Select(each => each.Value)];

    /// <summary>How the requests ended: the type of the error, or null.</summary>
    public string?[] Errors => ErrorsOf("gen_ai.server.request.duration");

    /// <summary>How what an instrument measures ended.</summary>
    public string?[] ErrorsOf(string instrument) =>
        [.. _measured.Where(each => each.Instrument == instrument).Select(each => each.Error)];

    /// <summary>What a gauge says now; null: nothing.</summary>
    public double? Gauge(string instrument)
    {
        _measured.Clear();
        _listener.RecordObservableInstruments();
        double[] values = this[instrument];
        return values.Length == 0 ? null : Assert.Single(values);
    }

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        Dictionary<string, object?> all = new(tags.ToArray());
        if ((string?)all[SmolLM3Telemetry.ModelTag] == _model)
        {
            OnMeasure?.Invoke(instrument.Name);
            _measured.Enqueue((instrument.Name, value, (string?)all.GetValueOrDefault(SmolLM3Telemetry.ErrorTag)));
        }
    }
}
