namespace SmolLM3.Samples.Tests;

public sealed class QuickstartTests
{
    [Fact]
    public async Task It_thinks_calls_the_function_and_answers_from_its_result()
    {
        string output = await Sample.RunAsync("Quickstart");

        // The function's degrees are 15 and a city's letters.
        Assert.Matches(@"(?s)\[thought\] .*\[call\] +GetWeather\(city: Lisbon\).*\[answer\] .*21", output);
    }

    [Fact]
    public async Task A_question_may_begin_with_an_at_sign()
    {
        string output = await Sample.RunAsync("Quickstart", ["@anna asks what 3 + 4 is"]);
        Assert.StartsWith("> @anna asks what 3 + 4 is", output, StringComparison.Ordinal);
    }
}
