using System.Text.Json;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Tokenization;

/// <summary>Reads a <c>tokenizer.json</c>, the form in which Hugging Face's tokenizers are kept, into what a GGUF file
/// would say of the same tokenizer.</summary>
internal static class HuggingFaceTokenizer
{
    // The splitting rule of Llama 3 and SmolLM3, which PreTokenScanner follows.
    private const string SplittingRule =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    // More tokens than any table here takes: a wrong id must not ask for memory.
    private const int MostTokens = 1 << 21;

    /// <summary>Reads the file.</summary>
    /// <exception cref="UnsupportedModelException">It is another kind of tokenizer.</exception>
    /// <exception cref="InvalidDataException">It is no such file, or parts of it are missing or wrong.</exception>
    public static TokenizerData Read(Stream stream)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(stream);
            return Read(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException)
        {
            throw new InvalidDataException(
                "The file is not a tokenizer.json of a byte-level BPE tokenizer, or it is damaged: " + error.Message, error);
        }
    }

    private static TokenizerData Read(JsonElement root)
    {
        JsonElement model = root.GetProperty("model");
        Require(model.GetProperty("type").GetString() == "BPE", "its model is not BPE");
        Require(IsNull(root, "normalizer"), "it normalizes text before splitting it");
        Require(Patterns(root.GetProperty("pre_tokenizer")) is [SplittingRule], "its splitting rule is not Llama 3's");
        (string[] texts, long[] kinds) = Tokens(model.GetProperty("vocab"), root.GetProperty("added_tokens"));
        return new TokenizerData
        {
            Model = "gpt2",
            PreTokenizer = model.TryGetProperty("ignore_merges", out JsonElement whole) && whole.GetBoolean()
                ? "llama-bpe"
                : "smaug-bpe",
            Tokens = GgufStringArray.Create(texts),
            Kinds = kinds,
            Merges = GgufStringArray.Create(model.GetProperty("merges").EnumerateArray().Select(Merge)),
        };
    }

    // Written as one string with a space, or, by newer versions, as a pair.
    private static string Merge(JsonElement merge) => merge.ValueKind == JsonValueKind.Array
        ? $"{merge[0].GetString()} {merge[1].GetString()}"
        : merge.GetString()!;

    private static (string[] Texts, long[] Kinds) Tokens(JsonElement vocabulary, JsonElement added)
    {
        Dictionary<int, (string Text, TokenKind Kind)> tokens = [];
        foreach (JsonProperty token in vocabulary.EnumerateObject())
        {
            tokens[Id(token.Value)] = (token.Name, TokenKind.Normal);
        }

        foreach (JsonElement token in added.EnumerateArray())
        {
            string text = token.GetProperty("content").GetString()!;
            tokens[Id(token.GetProperty("id"))] = (text, Kind(token, text));
        }

        int count = tokens.Count == 0 ? 0 : tokens.Keys.Max() + 1;
        string[] texts = new string[count];
        long[] kinds = new long[count];
        for (int id = 0; id < count; id++)
        {
            (texts[id], TokenKind kind) = tokens.TryGetValue(id, out (string Text, TokenKind Kind) token)
                ? token
                : ($"[PAD{id}]", TokenKind.Unused);
            kinds[id] = (long)kind;
        }

        return (texts, kinds);
    }

    // As converters to GGUF decide: some files do not mark all that structures a prompt.
    private static TokenKind Kind(JsonElement token, string text) =>
        token.GetProperty("special").GetBoolean() || (text.StartsWith("<|", StringComparison.Ordinal)
            && text.EndsWith("|>", StringComparison.Ordinal))
            ? TokenKind.Control
            : TokenKind.UserDefined;

    private static int Id(JsonElement id)
    {
        int value = id.GetInt32();
        return value is >= 0 and < MostTokens ? value : throw new InvalidDataException(
            $"The tokenizer.json has a token with the id {value}; ids go from 0 to {MostTokens - 1}. It is damaged.");
    }

    private static IReadOnlyList<string> Patterns(JsonElement pre)
    {
        if (pre.ValueKind == JsonValueKind.Object && pre.TryGetProperty("pretokenizers", out JsonElement all))
        {
            return [.. all.EnumerateArray().SelectMany(Patterns)];
        }

        return pre.ValueKind == JsonValueKind.Object
            && pre.TryGetProperty("pattern", out JsonElement pattern)
            && pattern.TryGetProperty("Regex", out JsonElement regex)
            ? [regex.GetString()!]
            : [];
    }

    private static bool IsNull(JsonElement root, string name) =>
        !root.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null;

    private static void Require(bool holds, string problem)
    {
        if (!holds)
        {
            throw new UnsupportedModelException(
                $"The tokenizer.json is not SmolLM3's: {problem}. Supported is byte-level BPE with Llama 3's splitting rule.");
        }
    }
}
