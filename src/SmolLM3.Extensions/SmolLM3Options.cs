using SmolLM3.Extensions.Loading;
using SmolLM3.Extensions.Models;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions;

/// <summary>Which model is served, on what, and what a request gets that says nothing itself.</summary>
/// <remarks>Read once, when a client is made; changing it later changes nothing.</remarks>
public sealed class SmolLM3Options
{
    private ModelSource? _stream;
    private IEngineFactory? _engine;
    private IModelHost? _host;
    private IProgress<ModelDownloadProgress>? _downloadProgress;
    private HubSettings? _hub;

    /// <summary>A model on the Hugging Face hub, or the path of a SmolLM3 GGUF file. On the hub: <c>owner/repo</c>,
    /// <c>owner/repo:Q8_0</c> for another quantization than <c>Q4_K_M</c>, or <c>owner/repo/file.gguf</c>; it is
    /// downloaded when it is first needed (<see cref="AllowDownload"/>). A relative path starts at the current directory,
    /// and a file that is there wins. Default <c>HuggingFaceTB/SmolLM3-3B</c>, 1.9 GB.</summary>
    public string? Model { get; set; } = ModelCatalogue.DefaultName;

    /// <summary>Whether a model that is not on this machine may be downloaded, into the cache of Hugging Face's own tools
    /// (<c>HF_HOME</c>, <c>HF_HUB_CACHE</c>). Default true.</summary>
    public bool AllowDownload { get; set; } = true;

    /// <summary>The name the client reports and accepts as <c>ChatOptions.ModelId</c>; null: what
    /// <see cref="Model"/> says, or the name of the file without its extension.</summary>
    public string? ModelId { get; set; }

    /// <summary>Most tokens of one conversation, prompt and answer together. Null: the least of the model's limit,
    /// 32,768, and what half of the free memory holds.</summary>
    public int? ContextLength { get; set; }

    /// <summary>What happens to a conversation that the context no longer holds. Default
    /// <see cref="ContextOverflow.Error"/>.</summary>
    public ContextOverflow ContextOverflow { get; set; }

    /// <summary>Most requests computed at once; further ones wait. Default 16.</summary>
    public int MaxSequences { get; set; } = SmolLM3Defaults.MaxSequences;

    /// <summary>Tokens of all requests together whose keys and values have room; a request alone gets no further than
    /// this either. What is not in use keeps earlier prompts. Null: one full context.</summary>
    public int? CapacityTokens { get; set; }

    /// <summary>Most requests that wait beside those that are computed; one more throws
    /// <see cref="SmolLM3OverloadedException"/> at once. Default 256.</summary>
    public int MaxQueuedRequests { get; set; } = SmolLM3Defaults.MaxQueuedRequests;

    /// <summary>Most tokens of earlier conversations that are kept, so that who begins alike need not compute them
    /// again; 0: none. Null: what <see cref="CapacityTokens"/> leaves.</summary>
    public int? MaxCachedTokens { get; set; }

    /// <summary>How long a step may take while someone is being answered: prompts come in in pieces of that size.
    /// Less makes streams smoother and prompts slower. Default 250 ms.</summary>
    public TimeSpan TargetStepTime { get; set; } = SmolLM3Defaults.TargetStepTime;

    /// <summary>Whether the next tokens are guessed from the prompt and the answer so far, and computed together: faster
    /// where an answer copies, and never another answer. Default true.</summary>
    public bool DraftFromPrompt { get; set; } = true;

    /// <summary>Threads that compute; null: the cores this process may use.</summary>
    public int? Threads { get; set; }

    /// <summary>Factor by which YaRN stretches the model's context, 2 for 131,072 tokens; null: what the file says,
    /// 1: none.</summary>
    public float? YarnFactor { get; set; }

    /// <summary>How the keys and values of a conversation are kept. Default half numbers; 8 bits take little more than
    /// half the memory, and make long conversations faster, for a small error.</summary>
    public KvCacheType KvCacheType { get; set; }

    /// <summary>LoRA adapters by name, loaded with the model. Those whose scale is not 0 are applied to every request that
    /// does not choose itself (<see cref="SmolLM3RequestOptions.LoraAdapters"/>). Names are case-sensitive. Default:
    /// none.</summary>
    public IDictionary<string, SmolLM3Adapter> LoraAdapters { get; set; } =
        new Dictionary<string, SmolLM3Adapter>(StringComparer.Ordinal);

    /// <summary>Most tokens of an answer, thoughts included; null: the rest of the context. An answer that reaches
    /// either ends with <c>ChatFinishReason.Length</c>.</summary>
    public int? MaxOutputTokens { get; set; }

    /// <summary>Sampling temperature; 0 takes the likeliest token each time. Default 0.6.</summary>
    public float Temperature { get; set; } = SmolLM3Defaults.Temperature;

    /// <summary>Share of the probability that is sampled from, 0 to 1. Default 0.95.</summary>
    public float TopP { get; set; } = SmolLM3Defaults.TopP;

    /// <summary>Number of likeliest tokens that are sampled from; 0: all. Default 0.</summary>
    public int TopK { get; set; }

    /// <summary>Least probability, as a part of the likeliest token's, that is sampled from; 0: off. Default
    /// 0.</summary>
    public float MinP { get; set; }

    /// <summary>Divides the logits of tokens that came before; 1: off. Default 1.</summary>
    public float RepetitionPenalty { get; set; } = 1;

    /// <summary>Whether the model thinks before it answers when neither the system message nor
    /// <c>ChatOptions.Reasoning</c> says. Default false: it answers at once, and scores higher on tools and
    /// instructions.</summary>
    public bool EnableThinking { get; set; }

    /// <summary>Most tokens of a thought at low effort. Default 512.</summary>
    public int LowThinkingTokens { get; set; } = SmolLM3Defaults.LowThinkingTokens;

    /// <summary>Most tokens of a thought at medium effort, and when no effort is named. Default 2,048.</summary>
    public int MediumThinkingTokens { get; set; } = SmolLM3Defaults.MediumThinkingTokens;

    /// <summary>Most tokens of a thought at high effort. Default 8,192.</summary>
    public int HighThinkingTokens { get; set; } = SmolLM3Defaults.HighThinkingTokens;

    /// <summary>Most tokens of a thought at extra high effort. Default 32,768.</summary>
    public int ExtraHighThinkingTokens { get; set; } = SmolLM3Defaults.ExtraHighThinkingTokens;

    /// <summary>Whether the model is loaded when the host starts, and the start fails if it cannot be; otherwise the
    /// first request loads it. Default false.</summary>
    public bool WarmUp { get; set; }

    /// <summary>Serves a GGUF that is not a file, such as an embedded resource. It is copied into memory.</summary>
    /// <param name="name">Its name. Clients on the same name and the same settings share one model in memory.</param>
    /// <param name="open">Opens it at its beginning; called once for each load, and the stream is disposed.</param>
    /// <returns>These options.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    public SmolLM3Options UseModel(string name, Func<Stream> open)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(open);
        _stream = ModelSource.FromStream(name, open);
        Model = null;
        return this;
    }

    /// <summary>Computes on another engine than the one that is registered, the pure C# one if none is.</summary>
    /// <param name="factory">Makes the engine. Clients whose factories are equal may share one model in memory.</param>
    /// <returns>These options.</returns>
    public SmolLM3Options UseEngine(IEngineFactory factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        _engine = factory;
        return this;
    }

    /// <summary>Has the model run elsewhere.</summary>
    internal SmolLM3Options UseHost(IModelHost host)
    {
        _host = host;
        return this;
    }

    /// <summary>What <see cref="UseHost"/> set, or null.</summary>
    internal IModelHost? FindHost() => _host;

    /// <summary>Tells how far the download of the model is, where there is one.</summary>
    /// <param name="progress">Told from any thread, some ten times a second. Of clients that share one model in memory,
    /// the first one's is told.</param>
    /// <returns>These options.</returns>
    public SmolLM3Options ReportDownload(IProgress<ModelDownloadProgress> progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        _downloadProgress = progress;
        return this;
    }

    /// <summary>Asks this hub and not the one the environment names; a method, for properties are bound to
    /// configuration.</summary>
    internal SmolLM3Options UseHub(HubSettings hub)
    {
        _hub = hub;
        return this;
    }

    /// <summary>What <see cref="UseHub"/> set, or null.</summary>
    internal HubSettings? FindHub() => _hub;

    /// <summary>What <see cref="ReportDownload"/> set, or null.</summary>
    internal IProgress<ModelDownloadProgress>? FindDownloadProgress() => _downloadProgress;

    /// <summary>What <see cref="UseEngine"/> set, or null.</summary>
    internal IEngineFactory? FindEngine() => _engine;

    /// <summary>The source to load: what names a model elsewhere wins, then a path or name, then a stream.</summary>
    internal ModelSource? FindSource() => _host?.FindSource(this)
        ?? (string.IsNullOrWhiteSpace(Model) ? _stream : ModelSource.From(Model, this));

    internal SmolLM3Options Clone()
    {
        var copy = (SmolLM3Options)MemberwiseClone();
        copy.LoraAdapters = LoraAdapters.ToDictionary(
            adapter => adapter.Key,
            adapter => new SmolLM3Adapter { Path = adapter.Value.Path, Scale = adapter.Value.Scale },
            StringComparer.Ordinal);
        return copy;
    }
}
