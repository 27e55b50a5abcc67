using CsCheck;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Inference.Tests.Tokenization;

public sealed class PieceCacheTests
{
    [Fact]
    public void A_piece_comes_back_with_its_tokens_and_no_other_does()
    {
        var cache = new PieceCache();
        List<int> found = [9];
        cache.Set(new PieceCache.Key("word"u8), [1, 2, 3]);

        Assert.True(cache.TryGet(new PieceCache.Key("word"u8), found));
        Assert.Equal([9, 1, 2, 3], found);
        Assert.False(cache.TryGet(new PieceCache.Key("wor"u8), found));
        Assert.False(cache.TryGet(new PieceCache.Key("word\0"u8), found));
        Assert.Equal(4, found.Count);
    }

    [Fact]
    public void A_piece_of_many_tokens_is_not_kept()
    {
        var cache = new PieceCache();
        cache.Set(new PieceCache.Key("abcdefghij"u8), [.. Enumerable.Range(0, PieceCache.MaxTokens + 1)]);
        cache.Set(new PieceCache.Key("abcdefghi"u8), [.. Enumerable.Range(0, PieceCache.MaxTokens)]);

        Assert.False(cache.TryGet(new PieceCache.Key("abcdefghij"u8), []));
        Assert.True(cache.TryGet(new PieceCache.Key("abcdefghi"u8), []));
    }

    [Fact]
    public void Whatever_is_kept_is_right() => Gen.Byte.Array[1, PieceCache.MaxLength].Array[1, 3000].Sample(pieces =>
    {
        var cache = new PieceCache();
        var expected = new Dictionary<string, int>();
        for (int i = 0; i < pieces.Length; i++)
        {
            cache.Set(new PieceCache.Key(pieces[i]), [i]);
            expected[Convert.ToHexString(pieces[i])] = i;
        }

        int hits = 0;
        foreach (byte[] piece in pieces)
        {
            List<int> found = [];
            if (cache.TryGet(new PieceCache.Key(piece), found))
            {
                Assert.Equal([expected[Convert.ToHexString(piece)]], found);
                hits++;
            }
        }

        Assert.True(hits > 0);
    }, iter: 20);
}
