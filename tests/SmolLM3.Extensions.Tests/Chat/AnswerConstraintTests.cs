using System.Text.Json;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Constraints;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Tests.Chat;

/// <summary>What may come where in an answer of a certain form.</summary>
public sealed class AnswerConstraintTests
{
    private static readonly Tokenizer s_words = Vocabularies.Tiny;
    private static readonly ChatVocabulary s_tags = new(s_words);
    private static readonly GrammarStore s_grammars = new(s_words);

    private static readonly JsonElement s_tool = JsonElement.Parse(
        """
        {"name":"f","description":"","parameters":{"type":"object","properties":{"n":{"type":"boolean"}},
        "required":["n"]}}
        """);

    [Fact]
    public void A_text_is_held_to_its_form_and_ended()
    {
        AnswerConstraint answer = Answer(new AnswerForm { Choices = ["yes", "no"] }, withTools: false);
        Assert.False(Allowed(answer).Contains(s_tags.CallStart));
        Assert.Empty(Allowed(answer).Intersect(s_words.EndTokens));
        Say(answer, "no");

        Assert.True(answer.TryForce(out int end));
        Assert.Equal(s_tags.TurnEnd, end);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("a{0}", true)]
    [InlineData("(a|b)?", false)]
    public void An_answer_may_be_empty_where_its_form_says_so(string pattern, bool must)
    {
        AnswerConstraint answer = Answer(new AnswerForm { Pattern = pattern }, withTools: false);

        Assert.Equal(must, answer.TryForce(out int end) && end == s_tags.TurnEnd);
        Assert.True(must || Allowed(answer).Contains(s_tags.TurnEnd));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_call_may_stand_for_the_text_and_nothing_but_calls_follow_it(bool isSingle)
    {
        AnswerConstraint answer = Answer(new AnswerForm { Choices = ["yes", "no"] }, withTools: true, isSingle);
        Assert.Contains(s_tags.CallStart, Allowed(answer));
        answer.Accept(s_tags.CallStart);
        Say(answer, "\n{\"name\": \"f\", \"arguments\": {\"n\": true}}\n");
        Assert.True(answer.TryForce(out int close));
        Assert.Equal(s_tags.CallEnd, close);
        answer.Accept(close);

        Assert.False(answer.TryForce(out _));
        int[] expected = isSingle ? [s_tags.TurnEnd] : [s_tags.TurnEnd, s_tags.CallStart];
        Assert.Equal(expected.Order(), Allowed(answer));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Code_is_free_but_for_thoughts_and_the_end_of_the_answer(bool isRequired)
    {
        AnswerConstraint answer = new(
            s_tags,
            s_words.EndTokens,
            new AnswerRules { Thinks = false, NewLine = [], MayCode = true, MustCall = isRequired });
        Assert.Equal(isRequired, answer.TryForce(out int first) && first == s_tags.CodeStart);
        answer.Accept(s_tags.CodeStart!.Value);

        int[] banned = [.. s_words.EndTokens, s_tags.ThoughtStart, s_tags.ThoughtEnd];
        Assert.Equal(Enumerable.Range(0, s_words.VocabularySize).Except(banned), Allowed(answer));
        Say(answer, "s.split('</think>')");
        Assert.False(answer.TryForce(out _));
        answer.Accept(s_tags.CodeEnd!.Value);

        Assert.True(answer.TryForce(out int end));
        Assert.Equal(s_tags.TurnEnd, end);
    }

    [Fact]
    public void Code_may_stand_for_the_text_but_not_behind_a_call()
    {
        AnswerRules rules = new()
        {
            Thinks = false,
            NewLine = [],
            MayCode = true,
            Calls = s_grammars.ForTools([s_tool]).Grammar,
        };
        AnswerRules choice = rules with { Text = s_grammars.ForForm(new AnswerForm { Choices = ["yes"] }) };
        foreach (AnswerConstraint answer in (AnswerConstraint[])[
            new(s_tags, s_words.EndTokens, rules), new(s_tags, s_words.EndTokens, choice)])
        {
            Assert.Contains(s_tags.CodeStart!.Value, Allowed(answer));
            answer.Accept(s_tags.CallStart);
            Say(answer, "\n{\"name\": \"f\", \"arguments\": {\"n\": true}}\n");
            answer.Accept(s_tags.CallEnd);
            Assert.DoesNotContain(s_tags.CodeStart!.Value, Allowed(answer));
        }
    }

    [Fact]
    public void Free_text_knows_calls_outside_of_thoughts_only()
    {
        AnswerConstraint answer = Answer(form: null, withTools: true);
        int all = Allowed(answer).Length;
        foreach (int token in (int[])[s_tags.ThoughtStart, s_tags.CallStart, s_words.Encode("x")[0], s_tags.ThoughtEnd])
        {
            answer.Accept(token);
            Assert.Equal(s_words.VocabularySize, all);
            Assert.Equal(all, Allowed(answer).Length);
        }

        answer.Accept(s_tags.CallStart);
        Assert.True(answer.TryForce(out int first));
        Assert.Equal(s_words.Encode("\n{\"name\": \"f\", \"arguments\": {\"n\":")[0], first);
    }

    private static AnswerConstraint Answer(AnswerForm? form, bool withTools, bool isSingle = false) => new(
        s_tags,
        s_words.EndTokens,
        new AnswerRules
        {
            Thinks = false,
            NewLine = [],
            Calls = withTools ? s_grammars.ForTools([s_tool]).Grammar : null,
            SingleCall = isSingle,
            Text = form is null ? null : s_grammars.ForForm(form),
        });

    private static int[] Allowed(AnswerConstraint answer)
    {
        float[] logits = new float[s_words.VocabularySize];
        answer.Mask(logits);
        return [.. Enumerable.Range(0, logits.Length).Where(id => logits[id] == 0)];
    }

    // In the usual tokens, those that are settled included.
    private static void Say(AnswerConstraint answer, string text)
    {
        foreach (int token in s_words.Encode(text))
        {
            Assert.True(
                answer.TryForce(out int forced) ? forced == token : Allowed(answer).Contains(token),
                $"'{s_words.Decode([token])}' cannot come, '{(forced >= 0 ? s_words.Decode([forced]) : "")}' must.");
            answer.Accept(token);
        }
    }
}
