namespace SmolLM3.Samples.Tests;

public sealed class FunctionCallingTests
{
    [Fact]
    public async Task The_sample_calls_what_it_wants_what_it_must_and_what_it_may()
    {
        string[] parts = (await Sample.RunAsync("FunctionCalling")).Split("== It ");
        Assert.Equal(4, parts.Length);
        Assert.Matches(@"(?s)\[call\] +GetWeather\(Lisbon\).*\[answer\] .*21.*", parts[1]);
        Assert.Matches(@"(?s)\[call\] +GetTime\(Rome\).*\[answer\] .*12:30.*", parts[1]);
        Assert.Matches(@"\[answer\] .*SmolLM", parts[1]);
        Assert.Equal(2, parts[1].Split("[call]").Length - 1);
        Assert.Matches(@"(?s)^must ==\s+\[call\] +GetTime\(", parts[2]);
        Assert.Matches(@"(?s)^asks first ==\s+\[asks\] +GetWeather: granted.*\[result\] Sunny, 19.*\[answer\] .*19", parts[3]);
    }
}
