using SmolLM3.Extensions.Chat;
using SmolLM3.Inference.Tokenization;
using static SmolLM3.Extensions.Tests.Chat.Prompts;
using static SmolLM3.Extensions.Tests.Chat.Vocabularies;

namespace SmolLM3.Extensions.Tests.Chat;

public class ReplayTests
{
    private const string Call = "<tool_call>{ \"name\":\"f\" }</tool_call>";
    private const string Thought = "<think>\nhm\n</think>\n";

    [Theory]
    [InlineData(false, "Hello there.")]
    [InlineData(true, "Hello there.")]
    [InlineData(false, "\n Hello\n\n")]
    [InlineData(false, Call)]
    [InlineData(true, Thought + Call)]
    [InlineData(false, Thought + Call)]
    [InlineData(true, "<think>cut off")]
    public void In_a_tool_loop_the_prompt_begins_with_the_last_prompt_and_what_was_generated(bool think, string output)
    {
        PromptMessage[] asked = [SystemText("S"), User("Go")];
        ChatPrompt first = ChatTemplate.Render(Request(think, asked));
        PromptMessage said = Generated(output, afterEmptyThought: !first.Thinking);

        List<int> next = Encode(Request(think, [.. asked, said, Tool("42")]));

        int[] known = [.. first.Encode(Tiny), .. Ids(output), Tiny.Id("<|im_end|>")];
        Assert.Equal(known, next.Take(known.Length));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Answers_without_thoughts_are_repeated_exactly_in_later_turns_too(bool think)
    {
        // "he" + "llo" is not how the tokenizer would cut it.
        int[] odd = [.. Tiny.Encode("he"), .. Tiny.Encode("llo"), .. Tiny.Encode("!")];
        PromptMessage said = Assistant("hello!") with { GeneratedTokens = odd, GeneratedAfterEmptyThought = !think };

        List<int> next = Encode(Request(think, User("1"), said, User("2")));

        int[] known = [.. Encode(Request(think, User("1"))), .. odd, Tiny.Id("<|im_end|>")];
        Assert.Equal(known, next.Take(known.Length));
    }

    [Theory]
    [InlineData(Thought + "Yes.", "Yes.")]
    [InlineData("<think>a</think>\n\n\nYes.", "Yes.")]
    [InlineData("Well. <think>a</think>\nYes.", "Well. Yes.")]
    [InlineData("<think>a<think>b</think>Yes.", "Yes.")]
    [InlineData("<think>never closed", "")]
    [InlineData("</think>\nYes.", "Yes.")]
    [InlineData("<think></think><think></think> Yes.\n", " Yes.\n")]
    [InlineData(Thought + "<code>a<think>b</think>\nc</code>", "<code>a<think>b</think>\nc</code>")]
    [InlineData("<think>a<code>b</think>\nYes.", "Yes.")]
    [InlineData("<code>a</code>" + Thought + "Yes.", "<code>a</code>Yes.")]
    public void Thoughts_of_earlier_turns_are_dropped_with_the_line_breaks_behind_them(string output, string kept)
    {
        PromptMessage said = Generated(output, afterEmptyThought: false);

        List<int> ids = Encode(Request(think: true, User("1"), said, User("2")));

        List<int> expected = Encode(Request(think: true, User("1")));
        expected.AddRange(Ids(kept));
        expected.AddRange(Ids("<|im_end|>\n<|im_start|>user\n2<|im_end|>\n<|im_start|>assistant\n"));
        Assert.Equal(expected, ids);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void After_a_change_of_mode_a_turn_looks_as_the_template_writes_it_in_the_new_mode(bool before, bool now)
    {
        PromptMessage said = Generated("Yes.", afterEmptyThought: !before);

        ChatPrompt prompt = ChatTemplate.Render(Request(now, User("1"), said, User("2")));

        Assert.Equal(Render(now, User("1"), Assistant("Yes."), User("2")), prompt.ToText());
        Assert.Equal(Tiny.Encode(prompt.ToText(), SpecialTokens.All), prompt.Encode(Tiny));
    }

    [Fact]
    public void A_thought_kept_after_a_change_to_no_think_stands_in_the_empty_ones_place()
    {
        PromptMessage said = Generated(Thought + Call, afterEmptyThought: false);

        ChatPrompt prompt = ChatTemplate.Render(Request(think: false, SystemText("S"), User("1"), said, Tool("2")));

        string text = Tiny.Decode(prompt.Encode(Tiny).ToArray());
        Assert.Contains("assistant\n" + Thought + Call + "<|im_end|>", text);
    }

    [Fact]
    public void The_text_form_shows_the_message_and_not_the_ids()
    {
        PromptMessage said = Generated("ignored", afterEmptyThought: false) with
        {
            Content = "\nI look.",
            Reasoning = "hm",
            ToolCalls = [Call("f", "{}")],
        };

        Assert.Contains(
            "assistant\n<think>\nhm\n</think>\nI look.\n"
            + "<tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n</tool_call><|im_end|>\n",
            Render(think: true, User("Go"), said, Tool("42")));
    }

    [Fact]
    public void In_a_vocabulary_without_thoughts_nothing_is_dropped()
    {
        Tokenizer small = With("<|im_start|>", "<|im_end|>");
        int[] output = small.Encode(Thought + "Yes.");
        PromptMessage said = Assistant("Yes.") with { GeneratedTokens = output };

        List<int> ids = ChatTemplate.Render(Request(think: true, User("1"), said, User("2"))).Encode(small);

        Assert.Contains("assistant\n" + Thought + "Yes.<|im_end|>", small.Decode(ids.ToArray()));
    }

    private static PromptMessage Generated(string output, bool afterEmptyThought) => Assistant(output) with
    {
        GeneratedTokens = Ids(output),
        GeneratedAfterEmptyThought = afterEmptyThought,
        Reasoning = output.Contains("<think>") ? "hm" : null,
    };

    private static int[] Ids(string output) => Tiny.Encode(output, SpecialTokens.All);

    private static List<int> Encode(PromptRequest request) => ChatTemplate.Render(request).Encode(Tiny);
}
