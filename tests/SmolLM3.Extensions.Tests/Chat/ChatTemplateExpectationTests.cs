using System.Text;
using System.Text.Json;
using SmolLM3.Extensions.Chat;

namespace SmolLM3.Extensions.Tests.Chat;

public class ChatTemplateExpectationTests
{
    public static TheoryData<string> Names => [.. ExpectedData.RendersByName.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_render_equals_the_official_templates_byte_for_byte(string name)
    {
        JsonElement render = ExpectedData.RendersByName[name];
        string expected = render.GetProperty("expected").GetString()!;

        ChatPrompt prompt = ChatTemplate.Render(Prompts.FromData(render));

        Assert.Equal(expected, prompt.ToText());
        Assert.Equal(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(prompt.ToText()));
    }

    [Fact]
    public void There_are_at_least_sixty_expectations_and_no_name_comes_twice()
    {
        Assert.True(ExpectedData.Renders.GetArrayLength() >= 60);
        Assert.Equal(ExpectedData.Renders.GetArrayLength(), ExpectedData.RendersByName.Count);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Two_text_runs_never_touch_and_none_is_empty(string name)
    {
        IReadOnlyList<PromptRun> runs = ChatTemplate.Render(Prompts.FromData(ExpectedData.RendersByName[name])).Runs;

        Assert.All(runs, run => Assert.NotEmpty(run.Text));
        Assert.All(runs.Zip(runs.Skip(1)), pair => Assert.True(pair.First.IsSpecial || pair.Second.IsSpecial));
    }
}
