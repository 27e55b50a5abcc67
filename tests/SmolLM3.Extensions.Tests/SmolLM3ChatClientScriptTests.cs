using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace SmolLM3.Extensions.Tests;

/// <summary>Languages and writing systems: no character is lost or cut between the tokens and the caller. The tiny
/// vocabulary spells all but Latin letters byte by byte, so every character here is spread over tokens.</summary>
public class SmolLM3ChatClientScriptTests
{
    private static readonly string[] s_texts =
    [
        "Hello! How are you?",
        "Ça va très bien, où êtes-vous ?",
        "¡Buenos días, señor Núñez!",
        "Grüß Gott, schöne Straße!",
        "Perché no? Così è.",
        "Olá, tudo bem? Até amanhã!",
        "مرحبا بالعالم، كيف حالك؟",
        "你好，世界！今天天气怎么样？",
        "Привет, мир! Как дела?",
        "こんにちは、東京の天気は？",
        "안녕하세요, 서울 날씨는?",
        "नमस्ते दुनिया",
        "สวัสดีชาวโลก",
        "שלום עולם",
        "👋🏽 👩‍👩‍👧‍👦 🇵🇹 ❤️‍🔥 🏴󠁧󠁢󠁷󠁬󠁳󠁿",
        "e\u0301 \u0928\u093f 𝒳𝓎 \u200f\u202e\u00a0 a\u0000b",
    ];

    public static TheoryData<string> Texts => [.. s_texts];

    [Theory]
    [MemberData(nameof(Texts))]
    public void Tokens_spell_it(string text)
    {
        int[] tokens = ClientHarness.Words.Encode(text);
        Assert.Equal(text, ClientHarness.Words.Decode(tokens));
        byte[] bytes = [.. tokens.SelectMany(token => ClientHarness.Words.GetBytes(token).ToArray())];
        Assert.Equal(Encoding.UTF8.GetBytes(text), bytes);
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task An_answer_and_its_thought_stream_whole_characters(string text)
    {
        ClientHarness harness = new($"<think>\n{text}\n</think>\n{text}");
        List<ChatResponseUpdate> updates =
            await harness.StreamAll(text, new() { Reasoning = new() { Effort = ReasoningEffort.Low } });

        Assert.All(updates.SelectMany(update => update.Contents), AssertWhole);
        Assert.True(updates.Count(update => update.Text.Length > 0) > 1, "The answer came in one piece.");
        ChatResponse response = updates.ToChatResponse();
        Assert.Equal(text, response.Text);
        Assert.Equal(
            text, string.Concat(response.Messages[0].Contents.OfType<TextReasoningContent>().Select(t => t.Text)).Trim('\n'));
        Assert.Contains(text, harness.LastPrompt);
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task An_answer_cut_anywhere_is_a_beginning_of_it(string text)
    {
        int length = ClientHarness.Words.Encode(text).Length;
        string longest = "";
        for (int tokens = 1; tokens <= length; tokens++)
        {
            List<ChatResponseUpdate> updates =
                await new ClientHarness(text).StreamAll("Hi", new() { MaxOutputTokens = tokens });
            string cut = updates.ToChatResponse().Text;

            // The bytes of a character that was cut are shown as what they are: one that cannot be read.
            Assert.StartsWith(cut.TrimEnd('\uFFFD'), text, StringComparison.Ordinal);
            longest = cut;
        }

        Assert.Equal(text, longest);
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task A_call_its_result_and_the_next_prompt_carry_it(string text)
    {
        // Calls are held to a grammar in which characters beyond the basic plane are not escaped: a server that knows no
        // grammar may escape them.
        string escaped = ClientHarness.Call("get_weather", $$"""{"city": {{JsonSerializer.Serialize(text)}}}""");
        string plain = ClientHarness.Call("get_weather", $$"""{"city": {{Plain(text)}}}""");
        foreach (ClientHarness harness in new[] { ClientHarness.Free(escaped, text), new(plain, text) })
        {
            IChatClient agent = harness.Client.AsBuilder().UseFunctionInvocation().Build();
            ChatMessage[] question = [new(ChatRole.User, text)];
            ChatResponse response = await agent
                .GetStreamingResponseAsync(question, new() { Tools = [ClientHarness.Weather] })
                .ToChatResponseAsync();

            FunctionCallContent call = Assert.Single(Contents(response).OfType<FunctionCallContent>());
            Assert.Null(call.Exception);
            Assert.Equal(text, call.Arguments!["city"]!.ToString());
            FunctionResultContent result = Assert.Single(Contents(response).OfType<FunctionResultContent>());
            Assert.Equal($"Sunny in {text}", result.Result!.ToString());
            Assert.Contains($"Sunny in {text}", harness.LastPrompt);
            Assert.Equal(text, response.Text);
        }
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task Json_that_is_held_to_a_schema_carries_it(string text)
    {
        JsonElement schema = JsonSerializer.SerializeToElement(new
        {
            type = "object",
            properties = new { free = new { type = "string" } },
            required = new[] { "free" },
            additionalProperties = false,
        });

        List<ChatResponseUpdate> updates = await new ClientHarness($$"""{"free": {{Plain(text)}}}""").StreamAll(
            "Hi", new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(schema) });

        Assert.All(updates.SelectMany(update => update.Contents), AssertWhole);
        JsonElement answer = JsonElement.Parse(updates.ToChatResponse().Text);
        Assert.Equal(text, answer.GetProperty("free").GetString());
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task It_can_be_stopped_at_and_loses_nothing_before(string text)
    {
        List<ChatResponseUpdate> updates = await new ClientHarness($"{text}|{text}. Never.").StreamAll(
            "Hi", new() { StopSequences = [$"|{text}"] });
        Assert.All(updates.SelectMany(update => update.Contents), AssertWhole);
        Assert.Equal(text, updates.ToChatResponse().Text);
    }

    private static IEnumerable<AIContent> Contents(ChatResponse response) =>
        response.Messages.SelectMany(message => message.Contents);

    /// <summary>JSON that escapes only what it must.</summary>
    private static string Plain(string text) =>
        "\"" + text.Replace("\0", "\\u0000", StringComparison.Ordinal) + "\"";

    /// <summary>No half of a surrogate pair, and nothing that could not be read.</summary>
    private static void AssertWhole(AIContent content)
    {
        string text = content is TextReasoningContent thought ? thought.Text : (content as TextContent)?.Text ?? "";
        Assert.DoesNotContain('\uFFFD', text);
        Assert.True(text.EnumerateRunes().All(rune => rune != Rune.ReplacementChar), "Half of a character.");
    }
}
