using Microsoft.Extensions.Logging;

namespace SmolLM3.Extensions.Models;

/// <summary>What is said about downloads.</summary>
internal static partial class DownloadLog
{
    [LoggerMessage(
        30, LogLevel.Information, "Downloading {File} from {Endpoint}: {Bytes} bytes, of which {Kept} are here already")]
    public static partial void Downloading(this ILogger logger, string file, string endpoint, long bytes, long kept);

    [LoggerMessage(31, LogLevel.Information, "Downloaded {Percent} % of {File}")]
    public static partial void Downloaded(this ILogger logger, string file, int percent);

    [LoggerMessage(32, LogLevel.Information, "{File} is whole, its checksum right: {Path}")]
    public static partial void Placed(this ILogger logger, string file, string path);

    [LoggerMessage(33, LogLevel.Information, "Another process downloads {File}; waiting for it")]
    public static partial void WaitingForOther(this ILogger logger, string file);

    [LoggerMessage(34, LogLevel.Warning, "Trying again in {Seconds} s, failure {Failures}: {Reason}")]
    public static partial void TryingAgain(this ILogger logger, double seconds, int failures, string reason);
}
