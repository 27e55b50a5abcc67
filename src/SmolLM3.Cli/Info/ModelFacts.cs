using System.Text.Json.Serialization;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;

namespace SmolLM3.Cli.Info;

/// <summary>What a file says of its model; the properties are the keys of its JSON. Sizes in bytes, contexts in tokens.
/// </summary>
internal sealed record ModelFacts
{
    /// <summary>Contexts people ask about, besides the one the model was trained for.</summary>
    private static readonly int[] s_commonContexts = [32_768, 131_072];

    public required string File { get; init; }

    public required string Architecture { get; init; }

    public string? Name { get; init; }

    public required long Parameters { get; init; }

    /// <summary>All tensors; the file is longer by its metadata.</summary>
    public required long WeightBytes { get; init; }

    public required IReadOnlyList<TensorTypeFacts> TensorTypes { get; init; }

    public required int Layers { get; init; }

    /// <summary>Those whose attention knows no positions (NoPE).</summary>
    public required int LayersWithoutRotary { get; init; }

    public required int HiddenSize { get; init; }

    public required int FeedForwardSize { get; init; }

    public required int Heads { get; init; }

    public required int KvHeads { get; init; }

    public required int HeadDimension { get; init; }

    public required bool TiedEmbeddings { get; init; }

    /// <summary>Positions the model was made for, YaRN of the file included.</summary>
    public required int TrainedContext { get; init; }

    /// <summary>By what positions are stretched, as the file or the caller says; null: not at all.</summary>
    public float? YarnFactor { get; init; }

    public required TokenizerFacts Tokenizer { get; init; }

    [JsonPropertyName("kv_bytes_per_1000_tokens")]
    public required long KvBytesPer1000Tokens { get; init; }

    public required IReadOnlyList<ContextFacts> Contexts { get; init; }

    /// <summary>Reads them.</summary>
    /// <param name="file">The model.</param>
    /// <param name="path">What to call it.</param>
    /// <param name="context">The context whose memory is asked for; null: the trained one and common ones.</param>
    /// <param name="kvCacheType">How keys and values are kept.</param>
    /// <param name="yarn">By what positions are stretched; null: by what the file says.</param>
    /// <exception cref="UnsupportedModelException">The file holds another model.</exception>
    /// <exception cref="GgufFormatException">Its metadata is incomplete or senseless.</exception>
    public static ModelFacts Read(GgufFile file, string path, int? context, KvCacheType kvCacheType, float? yarn = null)
    {
        ModelConfig config = ModelConfigReader.Read(file, yarn);
        long weightBytes = file.Tensors.Sum(tensor => tensor.ByteLength);
        int[] contexts = context is { } asked ? [asked] : [config.TrainedContextLength, .. s_commonContexts];
        return new ModelFacts
        {
            File = path,
            Architecture = ModelConfig.SupportedArchitecture,
            Name = config.Name,
            Parameters = file.Tensors.Sum(TensorTypeFacts.Elements),
            WeightBytes = weightBytes,
            TensorTypes = TensorTypeFacts.Read(file),
            Layers = config.Layers,
            LayersWithoutRotary = Enumerable.Range(0, config.Layers).Count(layer => !ModelConfig.UsesRope(layer)),
            HiddenSize = config.Width,
            FeedForwardSize = config.FeedForwardWidth,
            Heads = config.Heads,
            KvHeads = config.KvHeads,
            HeadDimension = config.HeadDimension,
            TiedEmbeddings = !file.TryGetTensor(ModelWeights.HeadName, out _),
            TrainedContext = config.TrainedContextLength,
            YarnFactor = config.Scaling is { IsYarn: true } scaling ? scaling.Factor : null,
            Tokenizer = TokenizerFacts.Read(file),
            KvBytesPer1000Tokens = config.KvBytesPerToken(kvCacheType) * 1000L,
            Contexts = [.. contexts.Distinct().Order().Select(
                tokens => ContextFacts.Of(tokens, config, weightBytes, kvCacheType))],
        };
    }
}
