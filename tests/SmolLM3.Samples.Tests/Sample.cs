using System.Diagnostics;

namespace SmolLM3.Samples.Tests;

/// <summary>A sample as a newcomer runs it: a process of its own.</summary>
internal static class Sample
{
    /// <summary>Runs it to its end, which must be a good one.</summary>
    /// <param name="name">Name of its program.</param>
    /// <param name="arguments">What follows it on the command line.</param>
    /// <param name="environment">Environment variables beside those of this process.</param>
    /// <param name="input">What it reads from its standard input.</param>
    /// <returns>What it wrote to its standard output.</returns>
    public static async Task<string> RunAsync(
        string name, string[]? arguments = null, Dictionary<string, string>? environment = null, string input = "")
    {
        (int exitCode, string output, string error) = await TryRunAsync(name, arguments, environment, input);
        Assert.True(exitCode == 0, $"Exit code {exitCode}: {error}");
        return output;
    }

    /// <summary>Runs it to whatever end.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> TryRunAsync(
        string name, string[]? arguments = null, Dictionary<string, string>? environment = null, string input = "")
    {
        string program = Path.Combine(AppContext.BaseDirectory, name + ".dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments ?? []])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string variable, string value) in environment ?? [])
        {
            start.Environment[variable] = value;
        }

        using Process process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await error);
    }
}
