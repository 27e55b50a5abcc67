using System.Text.Json;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Constraints.Validation;

namespace SmolLM3.Extensions.Tests.Constraints.Validation;

public sealed class FormValidatorTests
{
    [Theory]
    [InlineData("[0-9]+", "12", true)]
    [InlineData("[0-9]+", "12a", false)]
    [InlineData("a|b", "ab", false)]
    [InlineData("a|b", "b", true)]
    [InlineData("\"é🙂\\n?", "\"é🙂\n", true)]
    [InlineData("(?=a)a", "b", false)]
    public void A_pattern_is_matched_as_a_whole(string pattern, string text, bool holds) =>
        Assert.Equal(holds, FormValidator.FirstViolation(new AnswerForm { Pattern = pattern }, text) is null);

    [Theory]
    [InlineData("yes", true)]
    [InlineData("Yes", false)]
    [InlineData("yes ", false)]
    public void A_choice_is_one_of_the_texts(string text, bool holds) =>
        Assert.Equal(holds, FormValidator.FirstViolation(new AnswerForm { Choices = ["no", "yes"] }, text) is null);

    [Theory]
    [InlineData("{\"b\": [],\n \"a\": 3}", true)]
    [InlineData("{\"a\": \"3\"}", false)]
    [InlineData("{\"a\": 3", false)]
    [InlineData("3 4", false)]
    public void Json_follows_its_schema_in_any_order_and_spacing(string text, bool holds) => Assert.Equal(
        holds,
        FormValidator.FirstViolation(
            new AnswerForm { Schema = JsonElement.Parse("""{"type":"object","properties":{"a":{"type":"integer"}}}""") },
            text) is null);

    [Fact]
    public void Any_json_may_be_nested_deep()
    {
        Assert.Null(FormValidator.FirstViolation(new(), new string('[', 200) + new string(']', 200)));
        Assert.NotNull(FormValidator.FirstViolation(new(), ""));
    }
}
