namespace SmolLM3.Samples.Tests;

public sealed class AgentFrameworkSampleTests
{
    [Fact]
    public async Task The_sample_uses_a_tool_remembers_types_its_answer_and_hands_over()
    {
        string output = await Sample.RunAsync("AgentFramework");

        // The function's degrees are 15 and a city's letters; its hour is 8 and a city's letters.
        Assert.Matches("(?m)^The weather in Lisbon is .*21", output);
        Assert.Matches("(?m)^Your name is Laura", output);
        Assert.Matches(@"(?m)^\(\d+ tokens read, of which [1-9]\d* were known already\)", output);
        Assert.Matches(@"(?m)^Verdict \{ Answer = (True|False), Certainty = (Low|High) \}", output);
        Assert.Matches("(?m)^Weather: .*Oslo.*19", output);
        Assert.Matches("(?m)^Clock: .*12:30", output);
    }
}
