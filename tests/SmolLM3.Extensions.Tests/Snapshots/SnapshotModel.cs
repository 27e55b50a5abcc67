using SmolLM3.Extensions.Adapters;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Loading;
using SmolLM3.Extensions.Snapshots;
using SmolLM3.Extensions.Tests.Chat;
using SmolLM3.Extensions.Tests.Generation;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Tests.Snapshots;

/// <summary>A model on a <see cref="FakeEngine"/>, whose answers hang on every token that was saved and restored.
/// </summary>
internal sealed class SnapshotModel : IAsyncDisposable
{
    public static readonly SnapshotOrigin Origin = new("0123456789abcdef", "fake none, F16");

    public SnapshotModel(
        SnapshotOrigin? origin = null, int context = 64, int sequences = 4, int vocabularySize = 32)
    {
        Engine = new FakeEngine(new EngineLimits(context, sequences, 16, CapacityTokens: 2048), vocabularySize);
        LocalGenerator generator = new(Engine);
        Loaded = new LoadedModel
        {
            Tokenizer = Vocabularies.Tiny,
            Vocabulary = new ChatVocabulary(Vocabularies.Tiny),
            Generator = generator,
            Adapters = new AdapterStore(generator),
            Model = Engine.Model,
            Engine = Engine.Info,
            ContextLength = context,
            Origin = new(() => origin ?? Origin),
        };
    }

    public FakeEngine Engine { get; }

    public LoadedModel Loaded { get; }

    public static int[] Prompt { get; } = [.. Enumerable.Range(1, 20)];

    /// <summary>A snapshot of <see cref="Prompt"/>.</summary>
    public static async Task<byte[]> SnapshotAsync()
    {
        await using SnapshotModel model = new();
        return await model.SaveAsync(Prompt);
    }

    public async Task<byte[]> SaveAsync(int[] tokens, params AdapterChoice[] adapters)
    {
        MemoryStream stream = new();
        SmolLM3PrefixSnapshot saved = await PrefixSnapshots.SaveAsync(Loaded, [.. tokens], adapters, stream, default);
        Assert.Equal(new(tokens.Length, stream.Length, Loaded.Origin!.Value.Fingerprint, 1), saved);
        return stream.ToArray();
    }

    public Task<SmolLM3PrefixSnapshot> RestoreAsync(byte[] snapshot) => RestoreAsync(new MemoryStream(snapshot));

    public Task<SmolLM3PrefixSnapshot> RestoreAsync(Stream snapshot, CancellationToken cancellationToken = default) =>
        PrefixSnapshots.RestoreAsync(Loaded, snapshot, cancellationToken);

    /// <summary>Restoring fails, stores nothing, and the model goes on serving.</summary>
    public async Task<PrefixSnapshotException> RefuseAsync(Stream snapshot, params PrefixSnapshotProblem[] problems)
    {
        PrefixSnapshotException error =
            await Assert.ThrowsAsync<PrefixSnapshotException>(() => RestoreAsync(snapshot));
        Assert.Contains(error.Problem, problems);
        Assert.Equal(Engine.Limits.CapacityTokens, Engine.FreeTokens);
        return error;
    }

    public Task<PrefixSnapshotException> RefuseAsync(byte[] snapshot, params PrefixSnapshotProblem[] problems) =>
        RefuseAsync(new MemoryStream(snapshot), problems);

    /// <summary>Answers a request and checks every token of the answer.</summary>
    /// <returns>Tokens of the prompt that were known.</returns>
    public async Task<int> AnswerAsync(IEnumerable<int> prompt, int seed = 1)
    {
        GenerationRequest request = LoopHarness.Request(prompt, seed: seed);
        List<GeneratedToken> answer = await Loaded.Generator.GenerateAsync(request).ToListAsync();
        Assert.Equal(Reference.Generate(request, Loaded.ContextLength), answer.Select(token => token.Id));
        return answer[0].CachedPromptTokens;
    }

    public ValueTask DisposeAsync() => Loaded.DisposeAsync();
}
