using SmolLM3.Extensions.Adapters;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Constraints;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Snapshots;
using SmolLM3.Extensions.Telemetry;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Loading;

/// <summary>A model in memory, ready to generate.</summary>
internal sealed class LoadedModel : IAsyncDisposable
{
    private GrammarStore? _grammars;

    /// <summary>Its tokenizer.</summary>
    public required Tokenizer Tokenizer { get; init; }

    /// <summary>Ids of the tokens that have a meaning in a chat; null: a base model's.</summary>
    public required ChatVocabulary? Vocabulary { get; init; }

    /// <summary>Grammars over its vocabulary.</summary>
    public GrammarStore Grammars => LazyInitializer.EnsureInitialized(ref _grammars, () => new(Tokenizer));

    /// <summary>Turns prompts into tokens.</summary>
    public required IGenerator Generator { get; init; }

    /// <summary>Whether it runs elsewhere: constraints are not asked, so they only say what they want, as
    /// <see cref="ServerRules"/>.</summary>
    public bool IsRemote { get; init; }

    /// <summary>Its adapters.</summary>
    public AdapterStore Adapters { get; init; } = new();

    /// <summary>What its generator is at; null where that is not in this process.</summary>
    public GeneratorLoad? Load => (Generator as LocalGenerator)?.Load;

    /// <summary>Tells how the servers are that run it, and asks those again that failed; null where it runs in this
    /// process.</summary>
    public Func<CancellationToken, Task<ServerState[]>>? CheckServersAsync { get; init; }

    /// <summary>Facts of the model.</summary>
    public required ModelInfo Model { get; init; }

    /// <summary>What computes.</summary>
    public required EngineInfo Engine { get; init; }

    /// <summary>Most tokens of one conversation.</summary>
    public required int ContextLength { get; init; }

    /// <summary>What is known of it without its weights.</summary>
    public ModelHead Head => field ??= new(Tokenizer, Vocabulary, ContextLength);

    /// <summary>What its keys and values depend on; null where nobody asks.</summary>
    public Lazy<SnapshotOrigin>? Origin { get; init; }

    /// <summary>What is disposed behind the generator, in this order: the engine, then the file it reads.</summary>
    public IReadOnlyList<IDisposable> Owned { get; init; } = [];

    public async ValueTask DisposeAsync()
    {
        await Generator.DisposeAsync().ConfigureAwait(false);
        foreach (IDisposable owned in Owned)
        {
            owned.Dispose();
        }
    }
}
