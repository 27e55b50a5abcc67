using Microsoft.Extensions.AI;
using SmolLM3.Extensions;
using SmolLM3.Extensions.Loading;
using SmolLM3.Inference.Tokenization;
using SmolLM3.TinyModel;

namespace SmolLM3.TinyModelTests;

/// <summary>Chats that go on beyond a small context.</summary>
public class ContextTests
{
    private const int Context = 512;

    [Fact]
    public async Task A_chat_beyond_the_context_is_saved_as_its_next_turn_will_begin()
    {
        ChatOptions options = new() { Temperature = 0, MaxOutputTokens = 40, Instructions = "Answer briefly." };
        List<ChatMessage> messages = [];
        for (int i = 0; i < 40; i++)
        {
            messages.Add(new(ChatRole.User, $"What is {i} + {i + 2}?"));
            messages.Add(new(ChatRole.Assistant, $"{i} + {i + 2} is {i + i + 2}."));
        }

        MemoryStream saved = new();
        using (SmolLM3ChatClient before = Client(ContextOverflow.DropOldestTurns))
        {
            await before.SavePrefixAsync(messages, options, saved);
        }

        using SmolLM3ChatClient after = Client(ContextOverflow.DropOldestTurns);
        saved.Position = 0;
        SmolLM3PrefixSnapshot snapshot = await after.RestorePrefixAsync(saved);
        messages.Add(new(ChatRole.User, "What is 1 + 1?"));
        ChatResponse response = await after.GetResponseAsync(messages, options);
        Assert.Equal(snapshot.TokenCount, response.Usage!.CachedInputTokenCount);
    }

    [Fact]
    public async Task A_chat_goes_on_as_if_its_old_turns_had_never_been()
    {
        using SmolLM3ChatClient chatting = Client(ContextOverflow.DropOldestTurns);
        using SmolLM3ChatClient told = Client(ContextOverflow.Error);
        ChatOptions options = new() { Temperature = 0, MaxOutputTokens = 40, Instructions = "Answer briefly." };
        List<ChatMessage> messages = [];
        ChatResponse? last = null;
        int reused = 0;
        int dropped = 0;
        for (int i = 0; i < 30; i++)
        {
            messages.Add(new(ChatRole.User, $"What is {i} + {i + 2}?"));
            ChatResponse response = await chatting.GetResponseAsync(messages, options);
            int before = dropped;
            dropped = response.Messages[0].AdditionalProperties?["dropped_turns"] as int? ?? 0;
            ChatResponse shortened = await told.GetResponseAsync(messages[(2 * dropped)..], options);

            Assert.NotEqual("", response.Text);
            Assert.Equal(shortened.Text, response.Text);
            Assert.Equal(shortened.Usage!.InputTokenCount, response.Usage!.InputTokenCount);
            if (last is not null && dropped == before)
            {
                // All of the last prompt and answer but the token that ended it.
                Assert.True(response.Usage.CachedInputTokenCount >= last.Usage!.TotalTokenCount - 1);
                reused++;
            }

            messages.AddMessages(response);
            last = response;
        }

        Assert.InRange(dropped, 15, 28);
        Assert.InRange(reused, 20, 28);
        await Assert.ThrowsAsync<PromptTooLongException>(() => told.GetResponseAsync(messages, options));
    }

    [Theory]
    [InlineData(ContextOverflow.Error)]
    [InlineData(ContextOverflow.DropOldestTurns)]
    public async Task An_answer_that_reaches_the_end_of_the_context_ends_with_length(ContextOverflow overflow)
    {
        using SmolLM3ChatClient client = Client(overflow);
        Dictionary<int, float> endless = client.GetService<Tokenizer>()!.EndTokens.ToDictionary(id => id, _ => -1_000f);
        ChatResponse response = await client.GetResponseAsync(
            "Hello!", new() { Temperature = 0, AdditionalProperties = new() { ["logit_bias"] = endless } });

        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.Equal(Context, response.Usage!.TotalTokenCount);
    }

    // A pool of its own: what another client computed is not found.
    private static SmolLM3ChatClient Client(ContextOverflow overflow) => new(
        new SmolLM3Options { ContextLength = Context, ContextOverflow = overflow }.UseTinyModel(),
        new ModelPool(),
        ManagedEngineFactory.Instance,
        new LogListener((_, _) => { }),
        TimeProvider.System);
}
