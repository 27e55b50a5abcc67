using System.Diagnostics;

namespace SmolLM3.TinyModelTests;

/// <summary>The sample as a newcomer runs it: its own process, on the tiny model.</summary>
public sealed class QuickstartTests
{
    [Fact]
    public async Task It_thinks_calls_the_function_and_answers_from_its_result()
    {
        string output = await RunAsync();

        // The function's degrees are 15 and a city's letters.
        Assert.Matches(@"(?s)\[thought\] .*\[call\] +GetWeather\(city: Lisbon\).*\[answer\] .*21", output);
    }

    [Fact]
    public async Task A_question_may_begin_with_an_at_sign()
    {
        string output = await RunAsync("@anna asks what 3 + 4 is");

        Assert.StartsWith("> @anna asks what 3 + 4 is", output, StringComparison.Ordinal);
    }

    private static async Task<string> RunAsync(params string[] arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "Quickstart.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"Exit code {process.ExitCode}: {await error}");
        return output;
    }
}
