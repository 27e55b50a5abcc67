namespace SmolLM3.Samples.Tests;

/// <summary>The same agent on another model by one configuration value.</summary>
public sealed class CloudSwapTests
{
    private const string Local = "(?m)^The weather in Lisbon is .*21";
    private const string Cloud = @"(?m)^The cloud says: ""?Sunny, 21 degrees";

    [Fact]
    public async Task It_is_local_unless_told_otherwise()
    {
        string output = await Sample.RunAsync("CloudSwap");
        Assert.Matches(Local, output);
        Assert.Contains("(SmolLM3: answered by smollm3-tiny", output);
    }

    [Fact]
    public async Task One_value_swaps_the_model_and_nothing_else()
    {
        await using OpenAIStandIn cloud = new();
        string output = await Sample.RunAsync("CloudSwap", cloud.Arguments, new() { ["Chat__Provider"] = "OpenAI" });
        Assert.Matches(Cloud, output);
        Assert.Contains($"(OpenAI: answered by {OpenAIStandIn.Model})", output);
        Assert.Equal(2, cloud.Requests.Count);
    }

    [Fact]
    public async Task Local_first_leaves_the_cloud_alone_while_the_local_model_answers()
    {
        await using OpenAIStandIn cloud = new();
        string output = await Sample.RunAsync("CloudSwap", ["--Chat:Provider", "LocalFirst", .. cloud.Arguments]);
        Assert.Matches(Local, output);
        Assert.Contains("(LocalFirst: answered by smollm3-tiny", output);
        Assert.Empty(cloud.Requests);
    }

    [Theory]
    [InlineData("--Chat:SmolLM3:Model", "nowhere.gguf", "No model file at")]
    [InlineData("--Chat:SmolLM3:ContextLength", "16", "but the context holds 16")]
    public async Task Local_first_falls_back_where_the_local_model_cannot_answer_and_says_why(
        string option, string value, string reason)
    {
        await using OpenAIStandIn cloud = new();
        (int exitCode, string output, string error) = await Sample.TryRunAsync(
            "CloudSwap", ["--Chat:Provider", "LocalFirst", option, value, .. cloud.Arguments]);
        Assert.True(exitCode == 0, error);
        Assert.Contains(reason, error);
        Assert.Matches(Cloud, output);
        Assert.Contains($"(LocalFirst: answered by {OpenAIStandIn.Model})", output);
        Assert.Equal(2, cloud.Requests.Count);
    }

    [Fact]
    public async Task Where_neither_can_the_last_error_is_told()
    {
        await using OpenAIStandIn cloud = new();
        (int exitCode, string output, string error) = await Sample.TryRunAsync(
            "CloudSwap",
            [
                "--Chat:Provider", "LocalFirst", "--Chat:SmolLM3:Model", "nowhere.gguf", .. cloud.Arguments,
                "--Chat:OpenAI:ApiKey", "wrong",
            ]);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("401", error);
        Assert.DoesNotContain("answered by", output);
    }
}
