using System.Text.Json;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Inference.Tests.Tokenization;

/// <summary>
/// The tiny model's vocabulary and llama.cpp's word for it: Data/llama-cpp-tokens.json is what tests/peers/tokenize.mjs
/// wrote. Where this library differs on purpose, a test says how.
/// </summary>
public sealed class LlamaCppAgreementTests
{
    private static readonly Tokenizer s_tokenizer = Load();
    private static readonly Expectation[] s_expectations = Read();
    private static readonly int[] s_userDefined = [.. Of(TokenKind.UserDefined)];

    [Fact]
    public void With_added_tokens_the_ids_are_those_of_parse_special()
    {
        Assert.True(s_expectations.Length >= 60);
        Assert.Contains(s_expectations, expected => expected.ParseSpecialOn.Intersect(Of(TokenKind.Control)).Any());
        Assert.All(s_expectations, expected => Assert.Equal(
            expected.ParseSpecialOn, s_tokenizer.Encode(expected.Text, SpecialTokens.All)));
    }

    [Fact]
    public void Without_added_tokens_the_ids_are_those_without_parse_special()
    {
        Expectation[] alike = [.. s_expectations.Where(expected => !expected.HasUserDefined)];

        Assert.True(alike.Length >= 60);
        Assert.Contains(alike, expected => !expected.ParseSpecialOff.SequenceEqual(expected.ParseSpecialOn));
        Assert.All(alike, expected => Assert.Equal(expected.ParseSpecialOff, s_tokenizer.Encode(expected.Text)));
    }

    [Fact]
    public void Difference_user_defined_tokens_are_text_too_when_none_is_asked_for()
    {
        Expectation[] differing = [.. s_expectations.Where(expected => expected.HasUserDefined)];

        Assert.NotEmpty(differing);
        Assert.All(differing, expected =>
        {
            Assert.NotEmpty(expected.ParseSpecialOff.Intersect(s_userDefined));

            int[] ids = s_tokenizer.Encode(expected.Text);
            Assert.All(ids, id => Assert.Equal(TokenKind.Normal, s_tokenizer.GetKind(id)));
            Assert.Equal(expected.Text, s_tokenizer.Decode(ids));
        });
    }

    [Fact]
    public void Difference_a_long_s_after_an_apostrophe_is_a_contraction()
    {
        // As in Oniguruma (Hugging Face's tokenizers) and tiktoken, with which such models are trained. llama.cpp takes
        // "'ſo" for one piece. The tiny vocabulary has no merge that would show it in ids, so the pieces are looked at.
        var pieces = new PreTokenScanner("'ſo"u8);

        Assert.True(pieces.MoveNext());
        Assert.Equal("'ſ"u8, pieces.Current);
    }

    [Fact]
    public void Difference_letters_of_Unicode_16_are_letters()
    {
        // llama.cpp's tables are older: over all code points, those assigned in Unicode 16 are the only difference.
        byte[] text = "a\u1C89b"u8.ToArray();
        var pieces = new PreTokenScanner(text);

        Assert.True(pieces.MoveNext());
        Assert.Equal(text, pieces.Current);
    }

    [Fact]
    public void Difference_bytes_that_are_not_text_are_kept()
    {
        // llama.cpp makes U+FFFD of each. (Its JavaScript binding takes strings only, so there is no record of it.)
        List<int> ids = [];
        s_tokenizer.Encode([0x61, 0xFF, 0x80], SpecialTokens.None, ids);

        Assert.Equal([0x61, 0xFF, 0x80], ids.SelectMany(id => s_tokenizer.GetBytes(id).ToArray()));
    }

    [Fact]
    public void What_llama_cpp_encoded_decodes_to_the_text()
        => Assert.All(s_expectations, item => Assert.Equal(item.Text, s_tokenizer.Decode(item.ParseSpecialOn)));

    [Fact]
    public void The_ends_are_found_by_text()
        => Assert.Equal(
            ["<|end_of_text|>", "<|eom_id|>", "<|eot_id|>", "<|im_end|>"],
            s_tokenizer.EndTokens.Select(id => s_tokenizer.Decode([id])));

    private static IEnumerable<int> Of(TokenKind kind)
        => Enumerable.Range(0, s_tokenizer.VocabularySize).Where(id => s_tokenizer.GetKind(id) == kind);

    private static Tokenizer Load()
    {
        using GgufFile file = GgufFile.Open(Path.Combine(AppContext.BaseDirectory, "smollm3-tiny.gguf"));
        return Tokenizer.FromGguf(file);
    }

    private static Expectation[] Read()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "Tokenization", "Data", "llama-cpp-tokens.json");
        return JsonSerializer.Deserialize<Expectation[]>(File.ReadAllText(path), JsonSerializerOptions.Web)!;
    }

    private sealed record Expectation(string Text, int[] ParseSpecialOff, int[] ParseSpecialOn)
    {
        public bool HasUserDefined => s_userDefined.Any(id =>
            Text.Contains(s_tokenizer.Decode([id]), StringComparison.Ordinal));

        public override string ToString() => Text;
    }
}
