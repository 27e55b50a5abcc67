using Microsoft.Extensions.Logging;

namespace SmolLM3.Extensions.Hosting;

/// <summary>What is said while a host starts and runs.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(20, LogLevel.Information, "Warming up: loading {Model}")]
    public static partial void WarmUpBegins(this ILogger logger, string model);

    [LoggerMessage(21, LogLevel.Information, "Warming up: still loading {Model}, {Seconds} s so far")]
    public static partial void WarmUpGoesOn(this ILogger logger, string model, long seconds);

    [LoggerMessage(
        22, LogLevel.Warning,
        "The options of the SmolLM3 client '{Client}' were reloaded with mistakes; the last good ones stay: {Mistakes}")]
    public static partial void ReloadIsIgnored(this ILogger logger, string client, string mistakes);
}
