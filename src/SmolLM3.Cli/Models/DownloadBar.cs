using Spectre.Console;
using SmolLM3.Extensions;

namespace SmolLM3.Cli.Models;

/// <summary>Shows a download on standard error: as a bar, or without a terminal as a line every tenth.</summary>
internal static class DownloadBar
{
    private const int Lines = 10;

    public static async Task<string> RunAsync(Func<IProgress<ModelDownloadProgress>, Task<string>> work)
    {
        IAnsiConsole console = AnsiConsole.Create(
            new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return Console.IsErrorRedirected || !console.Profile.Capabilities.Interactive
            ? await work(new LineReport())
            : await console.Progress()
                .AutoClear(true)
                .Columns(
                    new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn(),
                    new TransferSpeedColumn(), new RemainingTimeColumn())
                .StartAsync(context => work(new BarReport(context)));
    }

    private static string Text(ModelDownloadStage stage) => stage switch
    {
        ModelDownloadStage.Waiting => "waiting for another process",
        ModelDownloadStage.Verifying => "verifying",
        ModelDownloadStage.Done => "done",
        _ => "downloading",
    };

    private sealed class BarReport(ProgressContext context) : IProgress<ModelDownloadProgress>
    {
        private readonly Dictionary<ModelDownloadStage, ProgressTask> _tasks = [];

        public void Report(ModelDownloadProgress value)
        {
            if (value.Stage == ModelDownloadStage.Done)
            {
                return;
            }

            if (!_tasks.TryGetValue(value.Stage, out ProgressTask? task))
            {
                task = context.AddTask(Text(value.Stage), maxValue: Math.Max(1, value.TotalBytes));
                _tasks.Add(value.Stage, task);
            }

            task.Value = value.Bytes;
        }
    }

    private sealed class LineReport : IProgress<ModelDownloadProgress>
    {
        private (ModelDownloadStage Stage, long Step)? _last;

        public void Report(ModelDownloadProgress value)
        {
            long step = value.Stage == ModelDownloadStage.Downloading && value.TotalBytes > 0
                ? value.Bytes * Lines / value.TotalBytes
                : 0;
            if (_last == (value.Stage, step))
            {
                return;
            }

            _last = (value.Stage, step);
            Console.Error.WriteLine(value.Stage == ModelDownloadStage.Downloading
                ? $"{value.File}: {step * 100 / Lines} % of {ByteText.Of(value.TotalBytes)}"
                : $"{value.File}: {Text(value.Stage)}");
        }
    }
}
