using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Sampling;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;
using SmolLM3.Inference.Synthetic;

namespace SmolLM3.Extensions.Tests.Generation;

/// <summary>A model in which one token's embedding is not a number.</summary>
public sealed class BrokenModelTests
{
    private const int BrokenToken = 450;

    [Fact]
    public async Task Only_requests_that_come_to_nan_end_with_an_exception()
    {
        using GgufFile file = MakeModel();
        using ManagedEngine engine = new(
            file, new EngineOptions { ContextLength = 64, MaxSequences = 2, CapacityTokens = 128, Threads = 1 });
        await using LocalGenerator generator = new(engine);
        List<int> expected = await ReadAsync(generator, 1);

        for (int round = 0; round < 3; round++)
        {
            Task<List<int>> broken = ReadAsync(generator, BrokenToken);
            Task<List<int>> sound = ReadAsync(generator, 1);
            InvalidLogitsException error = await Assert.ThrowsAsync<InvalidLogitsException>(() => broken);
            Assert.Contains("NaN", error.Message, StringComparison.Ordinal);
            Assert.Equal(expected, await sound);
        }
    }

    private static async Task<List<int>> ReadAsync(LocalGenerator generator, int token)
    {
        GenerationRequest request = new()
        {
            PromptTokens = [10, 11, token, 12, 13],
            Sampling = new SamplingOptions
            {
                Seed = 1, LogitBias = new Dictionary<int, float> { [BrokenToken] = float.NegativeInfinity },
            },
            StopTokens = [],
            MaxTokens = 20,
        };
        return await generator.GenerateAsync(request).Select(generated => generated.Id).ToListAsync();
    }

    private static unsafe GgufFile MakeModel()
    {
        MemoryStream stream = new();
        SyntheticModel.Write(stream, new SyntheticModelOptions
        {
            HiddenSize = 64,
            LayerCount = 2,
            HeadCount = 2,
            KeyValueHeadCount = 1,
            FeedForwardSize = 64,
            VocabularySize = 500,
            TensorType = GgufTensorType.F16,
            TieEmbeddings = false,
        });
        stream.Position = 0;
        GgufFile file = GgufFile.Load(stream);
        Half* embedding = (Half*)file.GetTensor("token_embd.weight").Data;
        embedding[(BrokenToken * 64) + 5] = Half.NaN;
        return file;
    }
}
