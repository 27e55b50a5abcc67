using SmolLM3.Extensions.Loading;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions;

/// <summary>Which model is served, on what, and what a request gets that says nothing itself.</summary>
/// <remarks>Read once, when a client is made; changing it later changes nothing.</remarks>
public sealed class SmolLM3Options
{
    private ModelSource? _stream;

    /// <summary>Path of a SmolLM3 GGUF file. A relative path starts at the current directory.</summary>
    public string? Model { get; set; }

    /// <summary>The name the client reports and accepts as <c>ChatOptions.ModelId</c>; null: the name of the file
    /// without its extension.</summary>
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

    /// <summary>The source to load: a path wins over a stream set before it.</summary>
    internal ModelSource? FindSource() => string.IsNullOrWhiteSpace(Model) ? _stream : ModelSource.FromFile(Model);

    internal SmolLM3Options Clone() => (SmolLM3Options)MemberwiseClone();
}
