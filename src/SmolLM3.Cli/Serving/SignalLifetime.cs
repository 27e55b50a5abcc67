using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace SmolLM3.Cli.Serving;

/// <summary>Ctrl-C, or the signal to terminate, lets answers end and then stops the server; a second one ends the answers
/// at once.</summary>
internal sealed class SignalLifetime(IHostApplicationLifetime application, Shutdown shutdown) : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> _signals = [];

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop));
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _signals.ForEach(signal => signal.Dispose());

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        if (application.ApplicationStopping.IsCancellationRequested)
        {
            shutdown.EndNow();
        }

        application.StopApplication();
    }
}
