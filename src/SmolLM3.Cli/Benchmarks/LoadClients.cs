using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Sampling;

namespace SmolLM3.Cli.Benchmarks;

/// <summary>Clients that take the requests of a test in turn.</summary>
internal sealed class LoadClients(IGenerator generator, LoadTest test, LoadRequest[] requests)
{
    private readonly LoadAnswer[] _answers = new LoadAnswer[requests.Length];
    private int _taken;

    /// <summary>Asks them all.</summary>
    public async Task<LoadAnswer[]> RunAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(Enumerable.Range(0, test.Clients).Select(
            _ => Task.Run(() => RunClientAsync(cancellationToken), CancellationToken.None)));
        return _answers;
    }

    private async Task RunClientAsync(CancellationToken cancellationToken)
    {
        for (int i = Take(); i < requests.Length; i = Take())
        {
            _answers[i] = await AskAsync(requests[i], cancellationToken);
        }
    }

    private int Take() => Interlocked.Increment(ref _taken) - 1;

    private async Task<LoadAnswer> AskAsync(LoadRequest request, CancellationToken cancellationToken)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var generation = new GenerationRequest
        {
            PromptTokens = request.Prompt,
            Sampling = new SamplingOptions { Seed = request.Seed },
            StopTokens = [],
            MaxTokens = test.AnswerTokens,
        };
        var answer = new LoadAnswer();
        await using IAsyncEnumerator<GeneratedToken> tokens =
            generator.GenerateAsync(generation, giveUp.Token).GetAsyncEnumerator(giveUp.Token);
        try
        {
            while (true)
            {
                // Asked for before the client gives up, so that even a request without a token is under way by then.
                ValueTask<bool> next = tokens.MoveNextAsync();
                if (answer.Tokens == request.CancelAfter)
                {
                    await giveUp.CancelAsync();
                }

                if (!await next)
                {
                    return answer;
                }

                answer.Add(tokens.Current.CachedPromptTokens, isLast: tokens.Current.End is not null);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return answer;
        }
    }
}
