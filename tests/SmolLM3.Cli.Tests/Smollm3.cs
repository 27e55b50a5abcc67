using System.Diagnostics;
using System.Text;

namespace SmolLM3.Cli.Tests;

/// <summary>Runs the command as a user does: its own process, standard input, output and exit code.</summary>
internal static class Smollm3
{
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
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardErrorEncoding = s_utf8,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "smollm3.dll"));
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }

        Array.ForEach(arguments, start.ArgumentList.Add);
        using Process process = Process.Start(start)!;
        await process.StandardInput.BaseStream.WriteAsync(input);
        process.StandardInput.Close();
        using var output = new MemoryStream();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.BaseStream.CopyToAsync(output);
        await process.WaitForExitAsync();
        return new Result(process.ExitCode, output.ToArray(), await error);
    }
}
