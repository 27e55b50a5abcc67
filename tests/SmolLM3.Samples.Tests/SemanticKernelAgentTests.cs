namespace SmolLM3.Samples.Tests;

public sealed class SemanticKernelAgentTests
{
    [Fact]
    public async Task A_thread_remembers_and_a_plugin_is_asked()
    {
        string output = await Sample.RunAsync("SemanticKernelAgent");

        // The plugin's degrees are 15 and a city's letters.
        Assert.Matches("(?m)^Friend: Your name is Laura", output);
        Assert.Matches("(?m)^Guide: The weather in Lisbon is .*21", output);
        Assert.DoesNotContain("<think>", output);
    }
}
