using Microsoft.Extensions.Logging;

namespace SmolLM3.Extensions.Models;

/// <summary>Tells how far a file is: to whoever wants to hear, some ten times a second, and to the log, at every tenth of
/// it. Safe for concurrent use.</summary>
internal sealed class DownloadMeter(
    HubFile file, IProgress<ModelDownloadProgress>? progress, ILogger logger, TimeProvider time)
{
    private const int LogSteps = 10;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private long _lastReport;
    private int _lastStep;
    private ModelDownloadStage? _stage;

    public string Name { get; } = $"{file.Repository}/{file.Name}";

    /// <summary>Bytes of the stage that are done.</summary>
    public void Report(ModelDownloadStage stage, long bytes)
    {
        lock (_lock)
        {
            bool isNews = stage != _stage || bytes == file.Bytes;
            if (!isNews && time.GetElapsedTime(_lastReport) < s_pause)
            {
                return;
            }

            int step = file.Bytes == 0 ? LogSteps : (int)(bytes * LogSteps / file.Bytes);
            if (stage == ModelDownloadStage.Downloading && _stage == stage && step > _lastStep)
            {
                logger.Downloaded(Name, step * 100 / LogSteps);
            }

            (_stage, _lastStep, _lastReport) = (stage, step, time.GetTimestamp());
            progress?.Report(new(Name, stage, bytes, file.Bytes));
        }
    }
}
