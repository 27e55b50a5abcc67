using SmolLM3.Extensions.Tests.Sampling;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Sampling;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;
using SmolLM3.Inference.Synthetic;

namespace SmolLM3.Extensions.Tests.Generation;

/// <summary>The whole way from request to token on the real engine, with random weights.</summary>
public sealed class ManagedEngineGenerationTests : IDisposable
{
    private const int Context = 96;

    private readonly GgufFile _file = MakeModel();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Crowded_requests_get_the_same_bits_as_lonely_ones()
    {
        int[] numbers = [.. Enumerable.Range(0, 8)];
        List<GeneratedToken>[] alone = [.. numbers.Select(i => Alone(Request(i)))];

        // Three slots for eight requests, and room for one and a half of them.
        using var engine = new ManagedEngine(_file, new EngineOptions
        {
            ContextLength = Context, MaxSequences = 3, MaxBatchRows = 16, CapacityTokens = Context + 32, Threads = 2,
        });
        await using (var generator = new LocalGenerator(engine))
        {
            List<GeneratedToken>[] crowded = await Task.WhenAll(numbers.Select(i => ReadAsync(generator, Request(i))));
            List<GeneratedToken>[] cached = await Task.WhenAll(numbers.Select(i => ReadAsync(generator, Request(i))));

            foreach (int i in numbers)
            {
                AssertEqual(alone[i], crowded[i]);
                AssertEqual(alone[i], cached[i]);
            }

            Assert.Contains(cached, answer => answer[0].CachedPromptTokens > 0);
        }

        engine.Store.CheckIntegrity();
        Assert.Equal(engine.Limits.CapacityTokens, engine.FreeTokens);
    }

    private static GgufFile MakeModel()
    {
        var stream = new MemoryStream();
        SyntheticModel.Write(stream, new SyntheticModelOptions
        {
            HiddenSize = 256,
            LayerCount = 4,
            HeadCount = 4,
            KeyValueHeadCount = 2,
            FeedForwardSize = 256,
            VocabularySize = 500,
            TensorType = GgufTensorType.Q8_0,
        });
        stream.Position = 0;
        return GgufFile.Load(stream);
    }

    private static GenerationRequest Request(int i) => new()
    {
        PromptTokens = [.. Enumerable.Range(0, 10 + (i * 3)).Select(k => (k * k) + (i % 3)).Select(id => id % 400)],
        Sampling = new SamplingOptions
        {
            Seed = i,
            Temperature = i == 3 ? 0 : 1,
            TopK = i == 4 ? 20 : 0,
            RepetitionPenalty = i == 5 ? 1.2f : 1,
            TopLogProbabilities = 3,
        },
        StopTokens = [7, 8, 9],
        MaxTokens = 12 + i,
        Constraints = i == 6 ? [new ForcedTokens([1, 2, 3])] : [],
    };

    /// <summary>The answer token by token: one sequence, one row, one thread.</summary>
    private List<GeneratedToken> Alone(GenerationRequest request)
    {
        using var engine = new ManagedEngine(
            _file, new EngineOptions { ContextLength = Context, MaxSequences = 1, MaxBatchRows = 1, Threads = 1 });
        var sampler = new Sampler(engine.Model.VocabularySize);
        var state = new SamplingState(
            request.Sampling, request.Sampling.Seed!.Value, request.PromptTokens, request.Constraints);
        var batch = new Batch(1);
        List<GeneratedToken> answer = [];
        for (int position = 0; answer.Count < request.MaxTokens && answer.LastOrDefault().End is null; position++)
        {
            int known = position - request.PromptTokens.Count;
            batch.Clear();
            batch.Add(0, position, known < 0 ? request.PromptTokens[position] : answer[known].Id, logits: true);
            Assert.Equal(ForwardStatus.Completed, engine.Forward(batch));
            if (known >= -1)
            {
                Span<float> logits = engine.GetLogits(0);
                TokenLogProbabilities? said = state.TryForce(out int id)
                    ? sampler.Describe(logits, id, request.Sampling.TopLogProbabilities) : null;
                id = said is null ? sampler.Sample(logits, state, out said) : id;
                state.Accept(id);
                GenerationEnd? end = request.StopTokens.Contains(id) ? GenerationEnd.Stop
                    : answer.Count + 1 == request.MaxTokens ? GenerationEnd.Length : null;
                answer.Add(new GeneratedToken(id, end, 0, said));
            }
        }

        return answer;
    }

    private static void AssertEqual(List<GeneratedToken> expected, List<GeneratedToken> actual)
    {
        Assert.Equal(expected.Select(token => (token.Id, token.End)), actual.Select(token => (token.Id, token.End)));
        foreach ((GeneratedToken a, GeneratedToken b) in expected.Zip(actual))
        {
            // To the bit.
            Assert.Equal(a.LogProbabilities?.Chosen, b.LogProbabilities?.Chosen);
            Assert.Equal(a.LogProbabilities?.Top, b.LogProbabilities?.Top);
        }
    }

    private static async Task<List<GeneratedToken>> ReadAsync(LocalGenerator generator, GenerationRequest request)
    {
        List<GeneratedToken> tokens = [];
        await foreach (GeneratedToken token in generator.GenerateAsync(request))
        {
            tokens.Add(token);
        }

        return tokens;
    }
}
