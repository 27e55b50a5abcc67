using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace SmolLM3.Cli.Tests;

/// <summary>Runs the command as a user does: its own process, standard input, output and exit code.</summary>
internal static class Smollm3
{
    public const int Interrupt = 2;
    public const int KillNow = 9;
    public const int Terminate = 15;

    public static readonly string Dll = Path.Combine(AppContext.BaseDirectory, "smollm3.dll");

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public sealed record Result(int ExitCode, byte[] Output, string Error)
    {
        public string Text => s_utf8.GetString(Output);

        /// <summary>Asserts one line on standard error that says this, nothing else, and exit code 1.</summary>
        public void AssertMistake(string expected)
        {
            Assert.Equal("", Text);
            string line = Assert.Single(Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.Contains(expected, line, StringComparison.Ordinal);
            Assert.Equal(1, ExitCode);
        }
    }

    public static Task<Result> RunAsync(params string[] arguments) => RunAsync([], arguments);

    public static Task<Result> RunAsync(byte[] input, params string[] arguments) =>
        RunAsync(input, new Dictionary<string, string>(), arguments);

    /// <summary>With variables of its environment.</summary>
    public static async Task<Result> RunAsync(
        byte[] input, Dictionary<string, string> variables, params string[] arguments)
    {
        using Process process = Start("dotnet", [Dll, .. arguments], variables);
        await process.StandardInput.BaseStream.WriteAsync(input);
        process.StandardInput.Close();
        using var output = new MemoryStream();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.BaseStream.CopyToAsync(output);
        await process.WaitForExitAsync();
        return new Result(process.ExitCode, output.ToArray(), await error);
    }

    /// <summary>Starts it and leaves it running.</summary>
    public static Process Start(params string[] arguments) => Start("dotnet", [Dll, .. arguments], []);

    /// <summary>Starts a program, the command or one that starts it. No model is on this machine, and none is
    /// downloaded, unless the variables say otherwise.</summary>
    public static Process Start(string program, string[] arguments, Dictionary<string, string> variables)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardErrorEncoding = s_utf8,
        };
        start.Environment["HF_HUB_OFFLINE"] = "1";
        start.Environment["HF_HUB_CACHE"] = Path.Combine(AppContext.BaseDirectory, "no-models");
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Sends a signal.</summary>
    public static void Kill(this Process process, int signal) => Assert.Equal(0, Kill(process.Id, signal));

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}
