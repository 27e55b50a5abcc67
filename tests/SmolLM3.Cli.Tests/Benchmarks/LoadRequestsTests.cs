using SmolLM3.Cli.Benchmarks;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Cli.Tests.Benchmarks;

public sealed class LoadRequestsTests
{
    private static readonly LoadTest s_test = new(
        Clients: 2, Requests: 40, CancelledPercent: 20, HeadTokens: 100, OwnTokens: 10, AnswerTokens: 16);

    [Fact]
    public void Prompts_share_their_head_and_nothing_more_and_hold_ordinary_tokens_only()
    {
        Tokenizer tokenizer = TinyTokenizer();
        var requests = new LoadRequests(tokenizer, headTokens: 100);
        int[][] prompts = [.. requests.Next(s_test).Concat(requests.Next(s_test)).Select(request => request.Prompt)];

        Assert.All(prompts, prompt => Assert.Equal(110, prompt.Length));
        Assert.All(prompts, prompt => Assert.Equal(prompts[0][..100], prompt[..100]));
        Assert.Equal(80, prompts.Select(prompt => string.Join(',', prompt)).Distinct().Count());
        Assert.All(prompts.SelectMany(ids => ids).Distinct(), id => Assert.Equal(TokenKind.Normal, tokenizer.GetKind(id)));
    }

    [Fact]
    public void The_share_asked_for_is_cancelled_and_the_same_in_every_run()
    {
        Tokenizer tokenizer = TinyTokenizer();
        LoadRequest[] requests = new LoadRequests(tokenizer, 100).Next(s_test);
        LoadRequest[] again = new LoadRequests(tokenizer, 100).Next(s_test);

        int[] after = [.. requests.Select(request => request.CancelAfter).OfType<int>()];
        Assert.Equal(8, after.Length);
        Assert.All(after, tokens => Assert.InRange(tokens, 0, 15));
        Assert.Equal(requests.Select(request => request.CancelAfter), again.Select(request => request.CancelAfter));
        Assert.Equal(requests.Select(request => request.Seed), again.Select(request => request.Seed));
        Assert.Equal(requests[^1].Prompt, again[^1].Prompt);
    }

    private static Tokenizer TinyTokenizer()
    {
        using Stream stream = SmolLM3.TinyModel.TinyModel.OpenRead();
        using GgufFile file = GgufFile.Load(stream);
        return Tokenizer.FromGguf(file);
    }
}
