using System.Diagnostics;

namespace SmolLM3.Extensions.Remote.Tests.StandIns;

/// <summary><c>smollm3 serve</c> itself with the tiny model, as a user starts it: a process of its own.</summary>
public sealed class ServeProcess : IAsyncLifetime
{
    /// <summary>Room for an answer that does not end while a test looks on.</summary>
    public const int ContextLength = 32_768;

    private Process _process = null!;

    public Uri Address { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "smollm3.dll"));
        foreach (string argument in (string[])["serve", "tiny", "--port", "0", "--context", $"{ContextLength}"])
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start)!;

        // "tiny at http://127.0.0.1:1234, the …", and a second line once requests are answered.
        string line = (await _process.StandardOutput.ReadLineAsync())!;
        Address = new Uri(line.Split(' ').First(word => word.StartsWith("http", StringComparison.Ordinal)).TrimEnd(','));
        Assert.StartsWith("Ready", await _process.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);
    }

    /// <summary>A number of its /metrics; 0 where it is not there yet.</summary>
    public async Task<double> MeasureAsync(string metric)
    {
        using HttpClient http = new() { BaseAddress = Address };
        string[] lines = (await http.GetStringAsync("/metrics")).Split('\n');
        return lines.Where(line => line.StartsWith(metric + "{", StringComparison.Ordinal))
            .Sum(line => double.Parse(
                line[(line.LastIndexOf('}') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0],
                System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>Ends it at once, as a machine that loses its power.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }
}
