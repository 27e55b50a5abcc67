using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Synthetic;

namespace SmolLM3.Inference.Tests.Synthetic;

public sealed class SyntheticVocabularyTests
{
    private static readonly Lazy<GgufMetadata> s_full = new(() => Create(128_256));

    [Theory]
    [InlineData(288, 32)]
    [InlineData(512, 32)]
    [InlineData(2048, 256)]
    [InlineData(128_256, 256)]
    public void It_has_bytes_then_merged_then_special_tokens(int size, int specials)
    {
        GgufMetadata metadata = size == 128_256 ? s_full.Value : Create(size);
        string[] tokens = metadata.GetStringArray("tokenizer.ggml.tokens").ToArray();
        long[] types = metadata.GetInt64Array("tokenizer.ggml.token_type");
        int first = size - specials;

        Assert.Equal(size, tokens.Length);
        Assert.Equal(size, tokens.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(size, types.Length);
        Assert.All(tokens[..256], token => Assert.Single(token));
        Assert.DoesNotContain(types[..first], type => type != 1);
        Assert.DoesNotContain(1, types[first..]);
        Assert.Equal("<|begin_of_text|>", tokens[metadata.GetInt32("tokenizer.ggml.bos_token_id")]);
        Assert.Equal("<|im_end|>", tokens[metadata.GetInt32("tokenizer.ggml.eos_token_id")]);
        Assert.Equal((first + 2, 4L), (Array.IndexOf(tokens, "<think>"), types[first + 2]));
        Assert.Equal((first + 15, 4L), (Array.IndexOf(tokens, "<tool_call>"), types[first + 15]));
        Assert.Equal((first + 11, 3L), (Array.IndexOf(tokens, "<|im_start|>"), types[first + 11]));
    }

    [Theory]
    [InlineData(512)]
    [InlineData(128_256)]
    public void Every_merge_joins_two_tokens_into_a_third_and_every_merged_token_has_one(int size)
    {
        GgufMetadata metadata = size == 128_256 ? s_full.Value : Create(size);
        string[] tokens = metadata.GetStringArray("tokenizer.ggml.tokens").ToArray();
        string[][] merges = [.. metadata.GetStringArray("tokenizer.ggml.merges").ToArray().Select(m => m.Split(' '))];
        var known = tokens.ToHashSet(StringComparer.Ordinal);

        Assert.DoesNotContain(merges, merge => merge.Length != 2);
        Assert.DoesNotContain(merges, merge => !known.Contains(merge[0]) || !known.Contains(merge[1]));
        IEnumerable<string> results = merges.Select(merge => merge[0] + merge[1]).Distinct(StringComparer.Ordinal);
        int merged = Array.IndexOf(tokens, "<|begin_of_text|>") - 256;
        Assert.True(results.SequenceEqual(tokens[256..(256 + merged)]));
    }

    [Fact]
    public void The_256_bytes_have_a_character_each()
    {
        string[] tokens = Create(288).GetStringArray("tokenizer.ggml.tokens").ToArray();
        string[] characters = [.. Enumerable.Range(0, 256).Select(b => SyntheticTokenTexts.ToChar((byte)b).ToString())];

        Assert.Equal("Ġ", characters[' ']);
        Assert.Equal("Ċ", characters['\n']);
        Assert.Equal("a", characters['a']);
        Assert.Equal(characters.Order(StringComparer.Ordinal), tokens[..256].Order(StringComparer.Ordinal));
    }

    private static GgufMetadata Create(int size)
    {
        var writer = new GgufWriter();
        SyntheticVocabulary.Create(size).Set(writer);
        var bytes = new MemoryStream();
        writer.Write(bytes);
        bytes.Position = 0;
        using GgufFile file = GgufFile.Load(bytes);
        return file.Metadata;
    }
}
