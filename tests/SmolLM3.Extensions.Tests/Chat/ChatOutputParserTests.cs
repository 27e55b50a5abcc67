using SmolLM3.Extensions.Chat;
using SmolLM3.Inference.Tokenization;
using static SmolLM3.Extensions.Tests.Chat.ParsedOutput;
using static SmolLM3.Extensions.Tests.Chat.Vocabularies;

namespace SmolLM3.Extensions.Tests.Chat;

public class ChatOutputParserTests
{
    private const string F = "<tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n</tool_call>";
    private const string G = "<tool_call>{\"name\":\"g\",\"arguments\":{\"x\":1}}</tool_call>";

    [Theory]
    [InlineData("", "")]
    [InlineData("Hello.", "T(Hello.)")]
    [InlineData("Hello.<|im_end|>", "T(Hello.)")]
    [InlineData("<think>\nhm hm\n</think>\nYes.", "R(hm hm) T(Yes.)")]
    [InlineData("<think> Thought </think> Solution \n", "R(Thought) T(Solution \n)")]
    [InlineData("<think>\na\n\n b\n</think>\n\n\tYes. \n No.\n", "R(a\n\n b) T(Yes. \n No.\n)")]
    [InlineData("<think>\n\n</think>\n\nYes.", "T(Yes.)")]
    [InlineData("<think></think>", "")]
    [InlineData("\n\n  indented", "T(  indented)")]
    [InlineData("Über 😀 naïve 中文", "T(Über 😀 naïve 中文)")]
    public void Thoughts_and_answers_are_split_and_blanks_at_tags_dropped(string output, string expected) =>
        Assert.Equal(expected, Parse(output).Show());

    [Theory]
    [InlineData("<think>\nnever closed \n", "R(never closed \n)")]
    [InlineData("<think>", "")]
    [InlineData("<think>a<think>b</think>c", "R(ab) T(c)")]
    [InlineData("<think>a</think></think>c", "R(a) T(c)")]
    [InlineData("</think>\n\n Yes", "T(Yes)")]
    [InlineData("\n</think>\nYes", "T(Yes)")]
    [InlineData("Yes </think> no", "T(Yes  no)")]
    [InlineData("Yes\n<think>\nhm</think>\nNo", "T(Yes) R(hm) T(No)")]
    [InlineData("</tool_call>Yes</tool_call>", "T(Yes)")]
    [InlineData("<think>I could <tool_call>{}</tool_call></think>no", "R(I could <tool_call>{}</tool_call>) T(no)")]
    [InlineData("a<|im_start|>b", "T(ab)")]
    [InlineData("<code>f()</code>", "T(<code>f()</code>)")]
    public void Unclosed_doubled_and_stray_tags_lose_nothing(string output, string expected) =>
        Assert.Equal(expected, Parse(output).Show());

    [Theory]
    [InlineData(F, "f({})")]
    [InlineData(F + "<|im_end|>", "f({})")]
    [InlineData(F + "\n" + G, "f({}) g({\"x\":1})")]
    [InlineData(F + G, "f({}) g({\"x\":1})")]
    [InlineData("I look. \n\n" + F + "\n and \n" + G + "\nDone.\n", "T(I look.) f({}) T(and) g({\"x\":1}) T(Done.\n)")]
    [InlineData(" \n" + F + " \n", "f({})")]
    [InlineData("<think>\nhm\n</think>\n" + F, "R(hm) f({})")]
    [InlineData("<tool_call>" + F, "f({})")]
    [InlineData("<tool_call>{\"name\": \"f\"}" + G, "f({}) g({\"x\":1})")]
    [InlineData(
        "<tool_call>{\"name\": \"f\", \"arguments\": {\"x\": \"<think></think>\"}}</tool_call>",
        "f({\"x\": \"<think></think>\"})")]
    [InlineData("<tool_call>{\"name\": \"f\"}<|im_end|>", "f({})")]
    [InlineData("<tool_call>{\"name\": \"f\", }</tool_call>Sorry", "f!({\"name\": \"f\", }) T(Sorry)")]
    [InlineData("<tool_call>\n</tool_call>", "!(\n)")]
    [InlineData("<tool_call>", "!?()")]
    [InlineData("Hm <tool_call>\n{\"name\": \"f\", \"arg", "T(Hm) f!?(\n{\"name\": \"f\", \"arg)")]
    public void Calls_come_whole_and_in_order(string output, string expected) =>
        Assert.Equal(expected, Parse(output).Show());

    [Theory]
    [InlineData("one two three", "T(one )", "two")]
    [InlineData("one two", "T(one two)", "two three")]
    [InlineData("<think>two</think>one two three", "R(two) T(one )", "two")]
    [InlineData("<think>x</think>\n\nOne\n\ntwo", "R(x) T(One)", "\n\n")]
    [InlineData("one" + G + "two", "T(one) g({\"x\":1})", "two", "\"x\"")]
    [InlineData("tw" + G + "o", "T(tw) g({\"x\":1}) T(o)", "two")]
    [InlineData("tw<think>o</think>o", "T(tw) R(o) T(o)", "two")]
    [InlineData("STOP", "", "STOP")]
    [InlineData("Zoë 😀!", "T(Zo)", "ë 😀")]
    public void Stop_sequences_end_the_answer_but_not_thoughts_and_calls(
        string output, string expected, params string[] stops) =>
        Assert.Equal(expected, Parse(output, stops).Show());

    [Fact]
    public void Tokens_after_a_stop_sequence_are_ignored()
    {
        ParsedOutput parsed = Parse("one two <think>three</think>" + F, "two");

        Assert.True(parsed.Parser.Stopped);
        Assert.Equal("T(one )", parsed.Show());
        Assert.Equal(0, parsed.Parser.ReasoningTokens);
    }

    [Fact]
    public void Tags_spelt_by_ordinary_tokens_are_text()
    {
        const string Spelt = "<think>a</think><tool_call>{}</tool_call>";

        Assert.Equal($"T({Spelt})", Parse(Tiny, Tiny.Encode(Spelt)).Show());
    }

    [Fact]
    public void In_a_vocabulary_without_tags_everything_is_text()
    {
        Tokenizer small = With("<|im_start|>", "<|im_end|>");
        const string Output = "<think>a</think>" + F;

        Assert.Equal($"T({Output})", Parse(small, small.Encode(Output, SpecialTokens.All)).Show());
    }

    [Theory]
    [InlineData("<think>", "</think>")]
    [InlineData("<tool_call>", "</tool_call>")]
    public void Tags_of_control_kind_work_and_are_text_where_they_tag_nothing(string start, string end)
    {
        Tokenizer control = With("<|im_end|>", "<think>", "</think>", "<tool_call>", "</tool_call>");
        string inner = start == "<think>" ? "<tool_call></tool_call>" : "<think></think>";

        ParsedOutput parsed = Parse(control, control.Encode(start + inner + end, SpecialTokens.All));

        Assert.Equal(inner, string.Concat(parsed.Segments.Select(segment => segment.Text)));
    }

    [Theory]
    [InlineData("Hello.", 0)]
    [InlineData("<think></think>Hello.", 0)]
    [InlineData("<think>\n</think>Hello.", 1)]
    [InlineData("<think>\n!\n", 3)]
    [InlineData("<think>!</think>a<think>?</think>", 2)]
    public void Tokens_inside_thoughts_are_counted_without_their_tags(string output, int count) =>
        Assert.Equal(count, Parse(output).Parser.ReasoningTokens);

    [Fact]
    public void Characters_come_whole_and_an_unfinished_one_is_marked_at_the_end_of_its_part()
    {
        Tokenizer bytes = With("<think>", "</think>");
        int[] e = bytes.Encode("é");
        int start = bytes.Id("<think>");
        int end = bytes.Id("</think>");

        Assert.Equal(2, e.Length);
        Assert.Equal("T(é)", Parse(bytes, e).Show());
        Assert.Equal("T(\ufffd)", Parse(bytes, [e[0]]).Show());
        Assert.Equal("T(\ufffd) R(é\ufffd) T(\ufffd)", Parse(bytes, [e[0], start, .. e, e[0], end, e[1]]).Show());
    }

    [Fact]
    public void An_ordinary_token_costs_its_text_only()
    {
        ChatOutputParser parser = new(Tiny, ["STOP"]);
        List<OutputSegment> segments = new(1);
        int token = Assert.Single(Tiny.Encode("a"));
        parser.Append(token, segments);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            segments.Clear();
            parser.Append(token, segments);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000 * 32);
    }

    [Fact]
    public void Text_is_given_out_token_by_token()
    {
        ChatOutputParser parser = new(Tiny);
        List<OutputSegment> segments = [];
        List<int> counts = [];
        foreach (string word in (string[])["a", "!", "b", "?"])
        {
            parser.Append(Assert.Single(Tiny.Encode(word)), segments);
            counts.Add(segments.Count);
        }

        Assert.Equal([1, 2, 3, 4], counts);
    }
}
