using Microsoft.Extensions.AI;
using SmolLM3.Extensions;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.TinyModelTests;

/// <summary>Raw completion on real weights.</summary>
public sealed class CompletionTests(TinyClient tiny) : IClassFixture<TinyClient>
{
    private const string Sums = "2 + 3 = 5\n1 + 6 = 7\n4 + 4 =";

    private ISmolLM3TextCompletion Completion => tiny.Client.GetRequiredService<ISmolLM3TextCompletion>();

    [Fact]
    public async Task The_ids_of_a_chat_prompt_are_continued_as_the_chat_is()
    {
        string system = $"<|im_start|>system\n## Metadata\n\nKnowledge Cutoff Date: June 2025\n"
            + "Today Date: 24 November 2026\nReasoning Mode: /no_think\n\n## Custom Instructions\n\nYou are a helpful AI "
            + "assistant named SmolLM, trained by Hugging Face.\n\n";
        int[] prompt = Words.Encode(
            system + "<|im_start|>user\nWhat is 3 + 4?<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n",
            SpecialTokens.All);

        ChatResponse response = await Completion.CompleteAsync(prompt, TinyClient.Greedy);
        Assert.Contains("7", response.Text, StringComparison.Ordinal);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal((await tiny.Ask("What is 3 + 4?")).Text, response.Text);
    }

    [Fact]
    public async Task A_stream_says_what_the_whole_says_and_a_seed_repeats_it_amid_chats()
    {
        ChatOptions options = new() { Seed = 11, Temperature = 1, MaxOutputTokens = 24, StopSequences = ["\n\n\n"] };
        Task<ChatResponse>[] chats = [.. Enumerable.Range(0, 4).Select(i => tiny.Ask($"What is {i} + 2?"))];
        string streamed = string.Concat(
            (await Completion.CompleteStreamingAsync(Sums, options).ToListAsync()).Select(update => update.Text));
        ChatResponse whole = await Completion.CompleteAsync(Sums, options);
        ChatResponse ids = await Completion.CompleteAsync(Words.Encode(Sums), options);
        await Task.WhenAll(chats);

        Assert.NotEqual("", whole.Text);
        Assert.Equal(whole.Text, streamed);
        Assert.Equal(whole.Text, ids.Text);
    }

    [Fact]
    public async Task A_form_is_held_to_at_any_temperature()
    {
        for (int seed = 0; seed < 8; seed++)
        {
            ChatOptions options = new()
            {
                Seed = seed,
                Temperature = 2,
                RawRepresentationFactory = _ => new SmolLM3RequestOptions { Regex = " [0-9]{1,2}" },
            };
            ChatResponse response = await Completion.CompleteAsync(Sums, options);
            Assert.Matches("^ [0-9]{1,2}$", response.Text);
            Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public async Task An_id_outside_the_vocabulary_is_refused(int id)
    {
        ArgumentException error = await Assert.ThrowsAnyAsync<ArgumentException>(
            () => Completion.CompleteAsync([1, id], TinyClient.Greedy));
        Assert.Contains($"{id}", error.Message, StringComparison.Ordinal);
    }

    private Tokenizer Words => tiny.Client.GetRequiredService<Tokenizer>();
}
