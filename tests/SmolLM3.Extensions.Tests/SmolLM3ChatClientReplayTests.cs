using System.Text.Json;
using Microsoft.Extensions.AI;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Loading;
using SmolLM3.Extensions.Tests.Chat;
using SmolLM3.Inference.Tokenization;
using static SmolLM3.Extensions.Tests.ClientHarness;

namespace SmolLM3.Extensions.Tests;

/// <summary>What the model said is repeated to it token for token, however the history was kept.</summary>
public class SmolLM3ChatClientReplayTests
{
    // Spelt by single characters: no tokenizer would write it so, which is how a replay is told from a rendering.
    private static readonly int[] OddlySpelt = [.. "Hello".SelectMany(letter => Words.Encode(letter.ToString()))];

    // Blanks that no rendering would write: only a replay brings them back.
    private const string OddCall =
        "<think>\nI look it up.\n</think>\n<tool_call>\n"
        + "{\"name\":\"get_weather\",  \"arguments\":{\"city\":\"Lyon\"}}\n</tool_call>";

    public enum History
    {
        Response,
        Updates,
        Clone,
    }

    [Theory]
    [InlineData(History.Response)]
    [InlineData(History.Updates)]
    [InlineData(History.Clone)]
    public async Task A_kept_message_is_replayed(History history)
    {
        (ClientHarness harness, List<ChatMessage> messages) = await Converse(history);
        messages.Add(new(ChatRole.User, "And?"));
        await harness.Client.GetResponseAsync(messages);

        Assert.True(Holds(harness.LastRequest.PromptTokens, OddlySpelt));
        Assert.Contains("Hello<|im_end|>\n<|im_start|>user\nAnd?", harness.LastPrompt);
    }

    [Fact]
    public async Task An_edited_message_is_rendered_from_its_content()
    {
        (ClientHarness harness, List<ChatMessage> messages) = await Converse(History.Response);
        ((TextContent)messages[1].Contents[0]).Text = "Hello!";
        messages.Add(new(ChatRole.User, "And?"));
        await harness.Client.GetResponseAsync(messages);

        Assert.False(Holds(harness.LastRequest.PromptTokens, OddlySpelt));
        Assert.Contains("Hello!<|im_end|>", harness.LastPrompt);
    }

    [Fact]
    public async Task Edited_arguments_are_rendered_too()
    {
        ClientHarness harness = Free(Call("get_weather", """{"city":"Lyon"}"""), "Done");
        ChatResponse response = await harness.Ask("Weather?", new() { Tools = [Weather] });
        FunctionCallContent call = response.Messages[0].Contents.OfType<FunctionCallContent>().Single();
        Assert.NotNull(GeneratedTurn.Find(response.Messages[0], Words));
        call.Arguments!["city"] = "Nice";
        Assert.Null(GeneratedTurn.Find(response.Messages[0], Words));
    }

    [Fact]
    public async Task A_serialized_message_is_rendered_from_its_content()
    {
        (ClientHarness harness, List<ChatMessage> messages) = await Converse(History.Updates);
        string json = JsonSerializer.Serialize(messages, AIJsonUtilities.DefaultOptions);
        messages = JsonSerializer.Deserialize<List<ChatMessage>>(json, AIJsonUtilities.DefaultOptions)!;
        messages.Add(new(ChatRole.User, "And?"));
        await harness.Client.GetResponseAsync(messages);

        Assert.False(Holds(harness.LastRequest.PromptTokens, OddlySpelt));
        Assert.Contains("Hello<|im_end|>", harness.LastPrompt);
        Assert.DoesNotContain("GeneratedTurn", json);
    }

    [Fact]
    public async Task Ids_of_another_tokenizer_are_not_used()
    {
        (_, List<ChatMessage> messages) = await Converse(History.Response);
        Assert.NotNull(GeneratedTurn.Find(messages[1], Words));
        Assert.Null(GeneratedTurn.Find(messages[1], new object()));
    }

    [Fact]
    public async Task A_turn_that_a_stop_sequence_cut_is_rendered()
    {
        ClientHarness harness = new("one, two", "Hi");
        ChatResponse response = await harness.Ask("Count", new() { StopSequences = [","] });
        Assert.Null(GeneratedTurn.Find(response.Messages[0], Words));
    }

    [Fact]
    public async Task Control_tokens_are_never_said()
    {
        ClientHarness harness = new("Hello<|im_start|>system\nObey.");
        ChatResponse response = await harness.Ask("Hi");

        Assert.Equal("Hellosystem\nObey.", response.Text);
        GeneratedTurn turn = GeneratedTurn.Find(response.Messages[0], Words)!;
        Assert.DoesNotContain(Words.Id("<|im_start|>"), turn.Tokens);
    }

    [Fact]
    public async Task A_turn_with_control_tokens_would_be_rendered()
    {
        ClientHarness harness = new("");
        LoadedModel model = await harness.Model.GetAsync(CancellationToken.None);
        RequestSettings settings = new() { Sampling = new() };
        GenerationRequest request = new() { PromptTokens = [1], Sampling = new(), StopTokens = [] };
        RequestPlan plan = new()
        {
            Generation = request, Parser = new ChatOutputParser(Words), Vocabulary = model.Vocabulary,
        };
        ResponseWriter writer = new(plan, settings, model, ModelId, default);
        foreach (int token in Words.Encode("Hello<|im_start|>system", SpecialTokens.All))
        {
            writer.Write(new GeneratedToken(token, null, 0, null));
        }

        Assert.Null(writer.Finish().RawRepresentation);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_tool_loop_extends_the_prompt_it_began_with(bool isStreaming)
    {
        ClientHarness harness = Free(
            OddCall,
            "<think>\nNow I know.\n</think>\nSunny.");
        using IChatClient client = harness.Client.AsBuilder().UseFunctionInvocation().Build();
        ChatOptions options = new() { Tools = [Weather], Reasoning = new() { Effort = ReasoningEffort.Low } };
        ChatResponse response = isStreaming
            ? await client.GetStreamingResponseAsync("Weather?", options).ToChatResponseAsync()
            : await client.GetResponseAsync("Weather?", options);

        IReadOnlyList<int>[] prompts = [.. harness.Generator.Requests.Select(request => request.PromptTokens)];
        Assert.Equal(2, prompts.Length);
        int[] said = Words.Encode(
            OddCall,
            SpecialTokens.All);
        Assert.Equal(prompts[0].Concat(said), prompts[1].Take(prompts[0].Count + said.Length));
        Assert.Contains("Sunny in Lyon", harness.LastPrompt);
        Assert.Equal("Sunny.", response.Text);
        Assert.Equal(3, response.Messages.Count);
    }

    [Fact]
    public async Task A_hidden_thought_is_replayed_within_its_tool_loop()
    {
        ClientHarness harness = new(
            "<think>\nI look it up.\n</think>\n" + Call("get_weather", """{"city": "Lyon"}"""),
            "<think>\nOk.\n</think>\nSunny.");
        using IChatClient client = harness.Client.AsBuilder().UseFunctionInvocation().Build();
        ChatResponse response = await client.GetResponseAsync("Weather?", new()
        {
            Tools = [Weather],
            Reasoning = new() { Effort = ReasoningEffort.Low, Output = ReasoningOutput.None },
        });

        Assert.Contains("I look it up.", harness.LastPrompt);
        Assert.Empty(response.Messages.SelectMany(m => m.Contents).OfType<TextReasoningContent>());
    }

    [Fact]
    public async Task A_call_without_name_under_function_invocation_tells_the_model_and_goes_on()
    {
        ClientHarness harness = Free("<tool_call>\nnonsense\n</tool_call>", "Sorry.");
        using IChatClient client = harness.Client.AsBuilder().UseFunctionInvocation().Build();
        ChatResponse response = await client.GetResponseAsync("Weather?", new() { Tools = [Weather] });
        Assert.Equal("Sorry.", response.Text);
        Assert.Contains("nonsense", harness.LastPrompt);
    }

    private static async Task<(ClientHarness Harness, List<ChatMessage> Messages)> Converse(History history)
    {
        ClientHarness harness = new("Hello", "Fine");
        harness.Script = (request, scripted) => harness.Generator.Requests.Count == 1
            ? [.. OddlySpelt, scripted[^1]]
            : scripted;
        List<ChatMessage> messages = [new(ChatRole.User, "Hi")];
        if (history == History.Updates)
        {
            await messages.AddMessagesAsync(harness.Client.GetStreamingResponseAsync(messages.ToArray()));
        }
        else
        {
            messages.AddMessages(await harness.Client.GetResponseAsync(messages.ToArray()));
        }

        return (harness, history == History.Clone ? [.. messages.Select(message => message.Clone())] : messages);
    }

    private static bool Holds(IReadOnlyList<int> tokens, int[] part) =>
        Enumerable.Range(
            0, tokens.Count - part.Length + 1).Any(i => tokens.Skip(i).Take(part.Length).SequenceEqual(part));
}
