namespace SmolLM3.Samples.Tests;

public sealed class SemanticKernelPluginsTests
{
    [Fact]
    public async Task It_thinks_calls_the_plugin_and_answers_from_its_result()
    {
        string output = await Sample.RunAsync("SemanticKernelPlugins");

        // The plugin's degrees are 15 and a city's letters.
        Assert.Matches(@"(?s)\[thought\] +\S.*\[call\] +Weather-GetWeather.*Lisbon.*\[answer\] .*21.*\[end\] +stop", output);
    }
}
