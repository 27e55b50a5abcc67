using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Tokenization;

/// <summary>Which tokenizers are supported, and in what they differ.</summary>
internal static class TokenizerRules
{
    private const string Supported = "Supported is byte-level BPE (tokenizer.ggml.model 'gpt2') with "
        + "tokenizer.ggml.pre 'smaug-bpe' (SmolLM3) or 'llama-bpe' (Llama 3).";

    /// <summary>Whether a piece of text that is a token is taken as it is, before any merging (llama-bpe).</summary>
    /// <exception cref="UnsupportedModelException">The tokenizer is of another kind.</exception>
    public static bool TakesWholePieces(TokenizerData data)
    {
        if (data.Model != "gpt2")
        {
            throw new UnsupportedModelException(
                $"The file's tokenizer ({TokenizerData.ModelKey}) is {Quote(data.Model)}. {Supported}");
        }

        return data.PreTokenizer switch
        {
            "smaug-bpe" => false,
            "llama-bpe" => true,
            _ => throw new UnsupportedModelException($"The file's splitting rule ({TokenizerData.PreTokenizerKey}) is "
                + $"{Quote(data.PreTokenizer)}. {Supported} Old files lack it: use one made by a current converter."),
        };
    }

    /// <summary>Checks an id the file names.</summary>
    /// <exception cref="GgufFormatException">There is no such token.</exception>
    public static int? CheckId(long? id, string key, int count) => id is < 0 || id >= count
        ? throw new GgufFormatException($"{key} is {id}, but the vocabulary has {count} tokens. "
            + "The file is damaged or was converted wrongly: convert or download it again.")
        : (int?)id;

    private static string Quote(string? value) => value is null ? "not given" : $"'{value}'";
}
