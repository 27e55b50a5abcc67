namespace SmolLM3.Samples.Tests;

public sealed class StructuredOutputTests
{
    [Fact]
    public async Task Every_answer_of_the_sample_has_the_form_it_must_have()
    {
        string output = await Sample.RunAsync("StructuredOutput");
        Assert.Matches(@"(?s)== A type ==\s+Guest \{ Name = .{0,20}, Age = \d{1,3}, Mood = (Calm|Merry|Angry) \}", output);
        Assert.Matches(@"== One of several texts ==\s+(yes|no|cannot be told)\s", output);
        Assert.Matches(@"== A pattern ==\s+([01][0-9]|2[0-3]):[0-5][0-9]\s", output);
    }
}
