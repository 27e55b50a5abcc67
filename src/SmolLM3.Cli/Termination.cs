using System.Runtime.InteropServices;

namespace SmolLM3.Cli;

/// <summary>Ctrl-C, or the signal to terminate, ends the command that runs; a second one ends the process as the system
/// does.</summary>
internal sealed class Termination : IDisposable
{
    /// <summary>How long a command may take to end: loading a model heeds no one.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _end = new();
    private readonly PosixSignalRegistration[] _signals;
    private int _code = ExitCodes.Interrupted;

    public Termination() => _signals =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => End(context, ExitCodes.Interrupted)),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => End(context, ExitCodes.Terminated)),
    ];

    /// <summary>Runs a command.</summary>
    /// <returns>Its exit code, or that of the signal that ended it.</returns>
    public async Task<int> RunAsync(Func<CancellationToken, Task<int>> command)
    {
        // On a thread of its own: reading standard input blocks.
        Task<int> running = Task.Run(() => command(_end.Token));
        try
        {
            return await running.WaitAsync(_end.Token);
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            await Task.WhenAny(running, Task.Delay(s_grace));
            return running.IsCompletedSuccessfully ? await running : _code;
        }
    }

    public void Dispose()
    {
        Array.ForEach(_signals, signal => signal.Dispose());
        _end.Dispose();
    }

    private void End(PosixSignalContext context, int code)
    {
        if (!_end.IsCancellationRequested)
        {
            context.Cancel = true;
            _code = code;
            _end.Cancel();
        }
    }
}
