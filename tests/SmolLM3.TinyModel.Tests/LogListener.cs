using Microsoft.Extensions.Logging;

namespace SmolLM3.TinyModelTests;

/// <summary>Hears the name and the values of each log message, on the thread that logs it.</summary>
internal sealed class LogListener(Action<string?, IReadOnlyDictionary<string, object?>> hear) : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        hear(eventId.Name, state is IEnumerable<KeyValuePair<string, object?>> values ? values.ToDictionary() : []);

    public void Dispose()
    {
    }
}
