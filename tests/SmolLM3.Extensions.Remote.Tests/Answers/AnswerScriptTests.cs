using System.Text.Json;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Remote.Answers;
using SmolLM3.Extensions.Remote.Tests.StandIns;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Remote.Tests.Answers;

public sealed class AnswerScriptTests(TinyGenerator tiny) : IClassFixture<TinyGenerator>
{
    private static readonly JsonElement s_tool = JsonElement.Parse("""
        {"name":"f","parameters":{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}}
        """);

    private Tokenizer Words => tiny.Model.Tokenizer;

    private ChatVocabulary Tags => tiny.Model.Vocabulary!;

    private ServerRules Rules => new()
    {
        Vocabulary = Tags,
        NewLine = Words.Encode("\n"),
        Closing = [Tags.ThoughtEnd],
        ThinkingTokens = 100,
        Banned = [Tags.TurnStart],
    };

    [Fact]
    public void A_form_comes_behind_an_opened_thought_in_which_the_answer_does_not_end()
    {
        AnswerForm form = new() { Choices = ["a"] };
        AnswerScript script = Script(Rules with { Thinks = true, Form = form });

        Assert.Equal([Tags.ThoughtStart], script.Next().Forced);
        Assert.Equal([Tags.TurnStart, .. Words.EndTokens], script.Next().Banned);
        Assert.Equal(Verdict.GoOn, script.Accept(Words.Encode("hm")[0]));
        Assert.Equal(Verdict.Leave, script.Accept(Tags.ThoughtEnd));
        Assert.Equal(Words.Encode("\n"), script.Next().Forced);
        Assert.Same(form, script.Next().Form);
        Assert.Equal(Verdict.GoOn, script.Accept(Words.Encode("a")[0]));
        Assert.True(script.End());
    }

    [Fact]
    public void A_thought_that_is_too_long_is_closed_and_no_other_one_opened()
    {
        AnswerScript script = Script(Rules with { Thinks = true, ThinkingTokens = 2 });
        script.Next();
        Assert.Equal(Verdict.GoOn, script.Accept(Tags.ThoughtStart));
        Assert.Equal(Verdict.GoOn, script.Accept(Words.Encode("a")[0]));
        Assert.Equal(Verdict.Leave, script.Accept(Words.Encode("b")[0]));

        Assert.Equal([Tags.ThoughtEnd], script.Next().Forced);
        Assert.Contains(Tags.ThoughtStart, script.Next().Banned);
        Assert.True(script.End());
    }

    [Fact]
    public void A_thought_is_not_closed_amid_a_character()
    {
        int[] smile = Words.Encode("🙂");
        Assert.True(smile.Length > 1);
        AnswerScript script = Script(Rules with { Thinks = true, ThinkingTokens = 1 });
        script.Next();
        script.Accept(Tags.ThoughtStart);

        Verdict[] verdicts = [.. smile.Select(script.Accept)];

        Assert.Equal(Verdict.Leave, verdicts[^1]);
        Assert.All(verdicts[..^1], verdict => Assert.Equal(Verdict.GoOn, verdict));
    }

    [Theory]
    [InlineData("{\"name\": \"f\", \"arguments\": {\"n\": 1}}", true)]
    [InlineData("{\"name\": \"f\", \"arguments\": {\"n\": \"x\"}}", false)]
    public void A_required_call_is_tried_freely_and_asked_for_anew_where_it_breaks_its_schema(string body, bool isKept)
    {
        AnswerScript script = Script(Rules with { Tools = [s_tool], MustCall = true, SingleCall = true });

        Assert.Equal([Tags.CallStart], script.Next().Forced);
        Assert.Null(script.Next().Form);
        Assert.All(Words.Encode(body), token => Assert.Equal(Verdict.Hold, script.Accept(token)));
        Assert.Equal(isKept ? Verdict.Leave : Verdict.Drop, script.Accept(Tags.CallEnd));
        if (!isKept)
        {
            Assert.Equal(Words.Encode("\n"), script.Next().Forced);
            Assert.NotNull(script.Next().Form!.Schema);
            Assert.False(script.End());
            Assert.Equal([.. Words.Encode("\n"), Tags.CallEnd], script.Next().Forced);
        }

        Step end = script.Next();
        Assert.Equal([Tags.TurnEnd], end.Forced);
        Assert.True(end.IsEnd);
    }

    [Fact]
    public void A_call_without_end_is_asked_for_anew()
    {
        AnswerScript script = Script(Rules with { Tools = [s_tool] });
        script.Next();
        Assert.Equal(Verdict.GoOn, script.Accept(Tags.CallStart));
        Assert.Equal(Verdict.Hold, script.Accept(Words.Encode("{")[0]));

        Assert.False(script.End());
        Assert.Equal(Words.Encode("\n"), script.Next().Forced);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Beside_tools_one_token_shows_whether_a_form_or_a_call_comes(bool calls)
    {
        AnswerForm form = new();
        AnswerScript script = Script(Rules with { Tools = [s_tool], Form = form });

        Assert.True(script.Next().IsProbe);
        Verdict verdict = script.Accept(calls ? Tags.CallStart : Words.Encode("x")[0]);

        Assert.Equal(calls ? Verdict.Leave : Verdict.Drop, verdict);
        Assert.Equal(calls ? null : form, script.Next().Form);
    }

    [Fact]
    public void After_a_call_in_place_of_a_form_only_calls_come()
    {
        AnswerScript script = Script(Rules with { Tools = [s_tool], Form = new() });
        script.Next();
        script.Accept(Tags.CallStart);
        Assert.All(Words.Encode("{\"name\": \"f\", \"arguments\": {\"n\": 1}}"), token => script.Accept(token));
        Assert.Equal(Verdict.Leave, script.Accept(Tags.CallEnd));

        Assert.True(script.Next().IsProbe);
        Assert.Equal(Verdict.Drop, script.Accept(Words.Encode("x")[0]));
        Assert.True(script.Next().IsEnd);
    }

    [Fact]
    public void Code_ends_the_answer_and_the_answer_does_not_end_in_code()
    {
        AnswerScript script = Script(Rules with { MayCode = true });
        script.Next();
        Assert.Equal(Verdict.Leave, script.Accept(Tags.CodeStart!.Value));
        Assert.All(Words.EndTokens, token => Assert.Contains(token, script.Next().Banned));
        Assert.Equal(Verdict.Leave, script.Accept(Tags.CodeEnd!.Value));
        Assert.True(script.Next().IsEnd);
    }

    [Fact]
    public void Where_a_server_enforces_nothing_calls_are_free()
    {
        AnswerScript script = new(
            Rules with { Tools = [s_tool], MustCall = true }, Words.EndTokens, Words, enforces: false);
        Assert.Equal([Tags.CallStart], script.Next().Forced);
        script.Next();
        Assert.Equal(Verdict.GoOn, script.Accept(Words.Encode("{")[0]));
        Assert.Equal(Verdict.GoOn, script.Accept(Tags.CallEnd));
        Assert.True(script.End());
    }

    private AnswerScript Script(ServerRules rules) => new(rules, Words.EndTokens, Words, enforces: true);
}
