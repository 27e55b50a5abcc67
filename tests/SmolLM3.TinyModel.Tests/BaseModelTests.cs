using Microsoft.Extensions.AI;
using SmolLM3.Extensions;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.TinyModelTests;

/// <summary>Files like SmolLM3-3B-Base's: they continue texts, and say so when they are asked to chat.</summary>
public sealed class BaseModelTests
{
    private const string FewShot = "sea -> water\nsun -> fire\ntree ->";

    public static TheoryData<byte[]> Files => [BaseModel.Create(), BaseModel.CreateWithoutTurns()];

    [Theory]
    [MemberData(nameof(Files), DisableDiscoveryEnumeration = true)]
    public async Task A_chat_is_refused_before_anything_is_computed_and_told_what_to_use(byte[] file)
    {
        using SmolLM3ChatClient client = Client(file);
        await client.LoadAsync();
        BaseModelException error = await Assert.ThrowsAsync<BaseModelException>(() => client.GetResponseAsync("Hi"));
        Assert.Contains("ISmolLM3TextCompletion", error.Message, StringComparison.Ordinal);
        Assert.Contains("instruct model", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<BaseModelException>(
            () => client.GetStreamingResponseAsync("Hi").ToListAsync().AsTask());
        await Assert.ThrowsAsync<BaseModelException>(
            () => client.SavePrefixAsync([new(ChatRole.User, "Hi")], null, new MemoryStream()));
    }

    [Theory]
    [MemberData(nameof(Files), DisableDiscoveryEnumeration = true)]
    public async Task Its_tokenizer_counts_texts_and_refuses_chats_loaded_or_not(byte[] file)
    {
        using SmolLM3ChatClient client = Client(file);
        ISmolLM3Tokenizer words = client.GetRequiredService<ISmolLM3Tokenizer>();
        for (int round = 0; round < 2; round++)
        {
            Assert.Throws<BaseModelException>(() => words.Measure([new(ChatRole.User, "Hi")]));
            Assert.Equal(words.Encode(FewShot).Count, words.CountTokens(FewShot));
            await client.LoadAsync();
        }
    }

    [Theory]
    [MemberData(nameof(Files), DisableDiscoveryEnumeration = true)]
    public async Task Few_shot_prompts_are_continued_up_to_a_stop_that_tokens_cut(byte[] file)
    {
        using SmolLM3ChatClient client = Client(file);
        ISmolLM3TextCompletion completion = client.GetRequiredService<ISmolLM3TextCompletion>();
        ChatOptions options = new() { Temperature = 0, MaxOutputTokens = 24 };
        string whole = (await completion.CompleteAsync(FewShot, options)).Text;
        Assert.True(whole.Length > 8, whole);
        for (int start = 1; start < 5; start++)
        {
            string stop = whole[start..(start + 3)];
            options.StopSequences = ["###", stop];
            ChatResponse response = await completion.CompleteAsync(FewShot, options);
            Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], response.Text);
            Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        }
    }

    [Fact]
    public async Task The_end_token_of_the_file_ends_the_text_whichever_it_is()
    {
        using SmolLM3ChatClient usual = Client(BaseModel.Create());
        Tokenizer words = usual.GetRequiredService<Tokenizer>();
        Assert.True(words.TryGetAddedToken("<|end_of_text|>", out int endOfText));
        Assert.Equal(endOfText, words.EosToken);
        await EndsAt(usual, endOfText);

        int exclamation = Assert.Single(words.Encode("!"));
        using SmolLM3ChatClient other = Client(BaseModel.Create(exclamation));
        await EndsAt(other, exclamation);

        static async Task EndsAt(SmolLM3ChatClient client, int end)
        {
            ChatOptions options = new()
            {
                Temperature = 0,
                AdditionalProperties = new() { ["logit_bias"] = new Dictionary<int, float> { [end] = 1000 } },
            };
            ISmolLM3TextCompletion completion = client.GetRequiredService<ISmolLM3TextCompletion>();
            ChatResponse response = await completion.CompleteAsync(FewShot, options);
            Assert.Equal(("", ChatFinishReason.Stop, 1L),
                (response.Text, response.FinishReason, response.Usage!.OutputTokenCount));
        }
    }

    [Fact]
    public async Task A_form_ends_with_the_end_token()
    {
        using SmolLM3ChatClient client = Client(BaseModel.CreateWithoutTurns());
        ChatOptions options = new()
        {
            Temperature = 1,
            Seed = 3,
            RawRepresentationFactory = _ => new SmolLM3RequestOptions { Choices = [" wood", " leaf"] },
        };
        ChatResponse response =
            await client.GetRequiredService<ISmolLM3TextCompletion>().CompleteAsync(FewShot, options);
        Assert.Contains(response.Text, new[] { " wood", " leaf" });
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
    }

    private static SmolLM3ChatClient Client(byte[] file) =>
        new(new SmolLM3Options().UseModel(Guid.NewGuid().ToString(), () => new MemoryStream(file)));
}
