using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Cli.Info;

/// <summary>What a file says of its tokenizer.</summary>
internal sealed record TokenizerFacts
{
    /// <summary>The kind, as GGUF names it: <c>gpt2</c> is byte-level BPE.</summary>
    public required string? Kind { get; init; }

    /// <summary>The rule that splits text before merging.</summary>
    public required string? Splitting { get; init; }

    public required int Vocabulary { get; init; }

    public required int Merges { get; init; }

    public required int ControlTokens { get; init; }

    public required int UserDefinedTokens { get; init; }

    public required TokenFacts? Bos { get; init; }

    public required TokenFacts? Eos { get; init; }

    public required TokenFacts? Padding { get; init; }

    /// <summary>Tokens at which generation ends.</summary>
    public required IReadOnlyList<TokenFacts> EndTokens { get; init; }

    /// <summary>A token and its text.</summary>
    public sealed record TokenFacts(int Id, string Text);

    /// <summary>Reads them.</summary>
    /// <exception cref="UnsupportedModelException">The tokenizer is of a kind that is not supported.</exception>
    /// <exception cref="GgufFormatException">Parts of it are missing or contradict each other.</exception>
    public static TokenizerFacts Read(GgufFile file)
    {
        TokenizerData data = TokenizerData.Read(file.Metadata);
        var tokenizer = new Tokenizer(data);
        ILookup<TokenKind, int> kinds = Enumerable.Range(0, tokenizer.VocabularySize).ToLookup(tokenizer.GetKind);
        return new TokenizerFacts
        {
            Kind = data.Model,
            Splitting = data.PreTokenizer,
            Vocabulary = tokenizer.VocabularySize,
            Merges = data.Merges.Count,
            ControlTokens = kinds[TokenKind.Control].Count(),
            UserDefinedTokens = kinds[TokenKind.UserDefined].Count(),
            Bos = Facts(tokenizer.BosToken),
            Eos = Facts(tokenizer.EosToken),
            Padding = Facts(tokenizer.PaddingToken),
            EndTokens = [.. tokenizer.EndTokens.Select(id => Facts(id)!)],
        };

        TokenFacts? Facts(int? id) => id is { } token ? new TokenFacts(token, tokenizer.Decode([token])) : null;
    }
}
