namespace SmolLM3.Samples.Tests;

/// <summary>The sample under the JIT compiler, but without JSON by reflection. <c>.ci/run</c> makes the native file, which
/// has to say the same.</summary>
public sealed class AotConsoleTests
{
    [Fact]
    public async Task The_sample_streams_calls_a_function_and_types_its_answer()
    {
        string[] lines = (await Sample.RunAsync("AotConsole")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(3, lines.Length);
        Assert.Contains("Laura", lines[0]);

        // The function's degrees are 15 and a city's letters.
        Assert.Matches("The weather in Lisbon is .*21", lines[1]);
        Assert.Matches(@"^Verdict \{ Answer = (True|False), Certainty = (Low|High) \}", lines[2]);
    }

    [Fact]
    public async Task Options_on_the_command_line_are_bound_to_the_client()
    {
        (int exitCode, _, string error) = await Sample.TryRunAsync("AotConsole", ["--ContextLength", "10"]);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("PromptTooLongException", error);
    }
}
