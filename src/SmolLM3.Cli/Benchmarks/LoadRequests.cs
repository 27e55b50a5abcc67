using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Cli.Benchmarks;

/// <summary>One request of a load test.</summary>
/// <param name="Prompt">Its token ids.</param>
/// <param name="Seed">Where its random numbers start.</param>
/// <param name="CancelAfter">Tokens after which its client gives up; null: never.</param>
internal sealed record LoadRequest(int[] Prompt, long Seed, int? CancelAfter);

/// <summary>Makes random requests, the same in every run. Only their head comes twice: what is left in the cache of the
/// tests before helps with nothing else.</summary>
internal sealed class LoadRequests
{
    private readonly Random _random = new(Seed: 1);
    private readonly int[] _ordinary;
    private readonly int[] _head;

    public LoadRequests(Tokenizer tokenizer, int headTokens)
    {
        _ordinary = [.. Enumerable.Range(0, tokenizer.VocabularySize)
            .Where(id => tokenizer.GetKind(id) is TokenKind.Normal or TokenKind.Byte)];
        _head = _random.GetItems(_ordinary, headTokens);
    }

    public LoadRequest[] Next(LoadTest test)
    {
        int?[] cancelAfter = new int?[test.Requests];
        for (int i = 0; i < test.Cancelled; i++)
        {
            cancelAfter[i] = _random.Next(test.AnswerTokens);
        }

        _random.Shuffle(cancelAfter);
        return [.. cancelAfter.Select(after => new LoadRequest(
            [.. _head, .. _random.GetItems(_ordinary, test.OwnTokens)], _random.NextInt64(), after))];
    }
}
