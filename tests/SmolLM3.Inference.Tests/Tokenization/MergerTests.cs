using CsCheck;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Inference.Tests.Tokenization;

public sealed class MergerTests
{
    private static readonly Gen<TestVocabulary> s_vocabularies = Gen.Int[0, 1_000_000]
        .Select(seed => new TestVocabulary(RandomMerges(seed, 60), []));

    [Fact]
    public void Short_and_long_pieces_merge_as_the_definition_says() => Gen
        .Select(s_vocabularies, Gen.OneOf('a', 'b', 'c', 'd').Array[0, ShortMerger.MaxLength])
        .Sample((vocabulary, word) =>
        {
            MergeTable merges = vocabulary.Tables.Merges;
            int[] symbols = [.. word.Select(character => vocabulary[character.ToString()])];
            int[] expected = Define(vocabulary, word);

            int[] quick = [.. symbols];
            Assert.Equal(expected, quick[..ShortMerger.Merge(merges, quick)]);

            int[] queued = [.. symbols];
            Assert.Equal(expected, queued[..LongMerger.Merge(merges, queued, out _)]);
        }, iter: 300);

    [Fact]
    public void Equal_ranks_merge_from_the_left()
    {
        var vocabulary = new TestVocabulary(["a a"], []);

        Assert.Equal("aa|aa|a", Show(vocabulary, "aaaaa"));
    }

    [Fact]
    public void An_earlier_merge_goes_first_wherever_it_stands()
    {
        var vocabulary = new TestVocabulary(["b c", "a b", "ab c"], []);

        Assert.Equal("a|bc", Show(vocabulary, "abc"));
    }

    [Fact]
    public void A_pair_said_twice_keeps_its_first_rank()
    {
        var vocabulary = new TestVocabulary(["x y", "y z"], []);
        TokenizerData data = vocabulary.Data with
        {
            Merges = SmolLM3.Inference.Gguf.GgufStringArray.Create(["x y", "y z", "x y"]),
        };

        var tokenizer = new Tokenizer(data);
        Assert.Equal("xy|z", TestVocabulary.Show(tokenizer, tokenizer.Encode("xyz")));
    }

    [Theory]
    [InlineData("a a|aa aa|aaaa aaaa")]
    [InlineData("a a|aa a")] // every merge makes a neighbour's offer outdated
    [InlineData("b c")]
    public void Work_grows_no_faster_than_n_log_n(string merges)
    {
        MergeTable table = new TestVocabulary(merges.Split('|'), []).Tables.Merges;

        long once = Work(table, 50_000);
        long fourfold = Work(table, 200_000);

        Assert.InRange(fourfold, once * 3, once * 5);
        Assert.True(fourfold <= 200_000L * 2 * 3 * 18, $"{fourfold} moves"); // 2 offers, up and down, a symbol
    }

    private static long Work(MergeTable merges, int length)
    {
        int[] ids = new int[length];
        Array.Fill(ids, 'a');
        LongMerger.Merge(merges, ids, out long steps);
        return steps;
    }

    private static string Show(TestVocabulary vocabulary, string text)
    {
        Tokenizer tokenizer = vocabulary.Tokenizer;
        return TestVocabulary.Show(tokenizer, tokenizer.Encode(text));
    }

    // Byte-pair encoding in its own words: of all neighbours that merge, merge the leftmost of the lowest rank.
    private static int[] Define(TestVocabulary vocabulary, char[] word)
    {
        List<string> symbols = [.. word.Select(character => character.ToString())];
        List<string> merges = [.. vocabulary.Merges];
        while (true)
        {
            var ranked = Enumerable.Range(0, Math.Max(symbols.Count - 1, 0))
                .Select(i => (Rank: merges.IndexOf($"{symbols[i]} {symbols[i + 1]}"), Index: i))
                .Where(pair => pair.Rank >= 0)
                .Order()
                .ToList();
            if (ranked.Count == 0)
            {
                return [.. symbols.Select(symbol => vocabulary[symbol])];
            }

            int at = ranked[0].Index;
            symbols[at] += symbols[at + 1];
            symbols.RemoveAt(at + 1);
        }
    }

    // Each merge joins two tokens that exist, short ones mostly; several may make the same token.
    private static List<string> RandomMerges(int seed, int count)
    {
        var random = new Random(seed);
        List<string> tokens = ["a", "b", "c", "d"];
        List<string> merges = [];
        for (int i = 0; i < count; i++)
        {
            string left = tokens[random.Next(tokens.Count)], right = tokens[random.Next(tokens.Count)];
            merges.Add($"{left} {right}");
            if (!tokens.Contains(left + right))
            {
                tokens.Add(left + right);
            }
        }

        return merges;
    }
}
