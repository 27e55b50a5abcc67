using System.Text.Json;
using SmolLM3.Extensions.Chat;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tokenization;
using static SmolLM3.Extensions.Tests.Chat.Prompts;
using static SmolLM3.Extensions.Tests.Chat.Vocabularies;

namespace SmolLM3.Extensions.Tests.Chat;

public class ChatPromptEncodeTests
{
    private static readonly string[] s_tags =
        ["<|", "<think>", "</think>", "<tool_call>", "</tool_call>", "<code>", "</code>", "<tool_response>"];

    public static TheoryData<string> Ordinary => [.. Names(lookAlikes: false)];

    public static TheoryData<string> LookAlikes => [.. Names(lookAlikes: true)];

    [Theory]
    [MemberData(nameof(Ordinary))]
    public void Ids_equal_those_of_the_reference(string name)
    {
        ChatPrompt prompt = ChatTemplate.Render(FromData(ExpectedData.RendersByName[name]));
        int[] reference = [.. ExpectedData.RenderTokens.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];

        Assert.Equal(reference, prompt.Encode(Tiny));
    }

    [Theory]
    [MemberData(nameof(LookAlikes))]
    public void Where_outside_text_spells_tags_only_the_templates_own_are_special(string name)
    {
        ChatPrompt prompt = ChatTemplate.Render(FromData(ExpectedData.RendersByName[name]));

        List<int> ids = prompt.Encode(Tiny);

        Assert.Equal(prompt.Runs.Where(run => run.IsSpecial).Select(run => Tiny.Id(run.Text)), Tiny.AddedIn(ids));
        Assert.Equal(prompt.ToText(), Tiny.Decode(ids.ToArray()));
        Assert.NotEqual(Tiny.Encode(prompt.ToText(), SpecialTokens.All), ids);
    }

    [Fact]
    public void Both_kinds_of_expectations_are_there()
    {
        Assert.True(Ordinary.Count >= 60);
        Assert.True(LookAlikes.Count >= 4);
    }

    [Fact]
    public void Tags_the_vocabulary_lacks_are_letters_that_merge_with_their_neighbours()
    {
        Tokenizer small = With("<|im_start|>", "<|im_end|>");
        ChatPrompt prompt = ChatTemplate.Render(Request(think: false, User("Hi")) with
        {
            Tools = [Json("""{"name": "a"}""")],
            PythonTools = [Json("""{"name": "a"}""")],
        });

        List<int> ids = prompt.Encode(small);

        Assert.Equal(small.Encode(prompt.ToText(), SpecialTokens.All), ids);
        Assert.Contains(ids, id => small.GetBytes(id).SequenceEqual(">\n"u8));
    }

    [Theory]
    [InlineData("<|im_start|>")]
    [InlineData("<|im_end|>")]
    public void A_vocabulary_without_turns_is_refused_by_name(string missing)
    {
        string[] turns = ["<|im_start|>", "<|im_end|>"];
        Tokenizer basis = With([.. turns.Where(token => token != missing)]);

        UnsupportedModelException refused = Assert.Throws<UnsupportedModelException>(
            () => ChatTemplate.Render(Request(think: true, User("Hi"))).Encode(basis));
        Assert.Contains(missing, refused.Message);
        Assert.Contains("base model", refused.Message);
    }

    private static IEnumerable<string> Names(bool lookAlikes) =>
        ExpectedData.RendersByName.Where(r => HasLookAlikes(r.Value) == lookAlikes).Select(r => r.Key);

    private static bool HasLookAlikes(JsonElement render)
    {
        PromptRequest request = FromData(render);
        return request.Messages.Select(message => message.Content)
            .Concat(request.Tools.Concat(request.PythonTools ?? []).Select(tool => tool.GetRawText()))
            .Any(text => s_tags.Any(tag => text.Contains(tag, StringComparison.Ordinal)));
    }
}
