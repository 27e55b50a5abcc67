using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Tokenization;

/// <summary>What a file says about its tokenizer, read but not judged: <see cref="Tokenizer"/> checks it.</summary>
internal sealed record TokenizerData
{
    /// <summary>Key of the tokenizer's kind.</summary>
    public const string ModelKey = "tokenizer.ggml.model";

    /// <summary>Key of the rule that splits text before merging.</summary>
    public const string PreTokenizerKey = "tokenizer.ggml.pre";

    /// <summary>Key of the token texts.</summary>
    public const string TokensKey = "tokenizer.ggml.tokens";

    /// <summary>Key of the token kinds.</summary>
    public const string KindsKey = "tokenizer.ggml.token_type";

    /// <summary>Key of the merges.</summary>
    public const string MergesKey = "tokenizer.ggml.merges";

    /// <summary>Kind of tokenizer; null where the file does not say.</summary>
    public required string? Model { get; init; }

    /// <summary>Name of the splitting rule; null where the file does not say.</summary>
    public required string? PreTokenizer { get; init; }

    /// <summary>Token texts by id, written in the GPT-2 alphabet (added tokens: as they are).</summary>
    public required GgufStringArray Tokens { get; init; }

    /// <summary>Token kinds by id; null: all are ordinary.</summary>
    public required long[]? Kinds { get; init; }

    /// <summary>Merges, most urgent first: two token texts with a space between.</summary>
    public required GgufStringArray Merges { get; init; }

    /// <summary>Beginning of text.</summary>
    public long? Bos { get; init; }

    /// <summary>End of text.</summary>
    public long? Eos { get; init; }

    /// <summary>Padding.</summary>
    public long? Padding { get; init; }

    /// <summary>Reads the keys.</summary>
    /// <exception cref="GgufFormatException">Tokens or merges are missing.</exception>
    public static TokenizerData Read(GgufMetadata metadata) => new()
    {
        Model = metadata.TryGetString(ModelKey, out string? model) ? model : null,
        PreTokenizer = metadata.TryGetString(PreTokenizerKey, out string? pre) ? pre : null,
        Tokens = metadata.GetStringArray(TokensKey),
        Kinds = metadata.ContainsKey(KindsKey) ? metadata.GetInt64Array(KindsKey) : null,
        Merges = metadata.GetStringArray(MergesKey),
        Bos = Id(metadata, "tokenizer.ggml.bos_token_id"),
        Eos = Id(metadata, "tokenizer.ggml.eos_token_id"),
        Padding = Id(metadata, "tokenizer.ggml.padding_token_id"),
    };

    private static long? Id(GgufMetadata metadata, string key)
        => metadata.ContainsKey(key) ? metadata.GetInt64(key) : null;
}
