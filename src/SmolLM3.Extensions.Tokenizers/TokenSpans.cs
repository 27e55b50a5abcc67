using System.Text;

namespace SmolLM3.Extensions.Tokenizers;

/// <summary>Which characters of a text each of its tokens stands for.</summary>
internal sealed class TokenSpans
{
    private readonly Range[] _ranges;

    // Whether a character ends where the token does.
    private readonly bool[] _endsCharacter;
    private readonly int _length;

    /// <summary>Follows the tokens through the text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="ids">Its tokens.</param>
    /// <param name="tokenizer">Whose.</param>
    public TokenSpans(string text, IReadOnlyList<int> ids, ISmolLM3Tokenizer tokenizer)
    {
        (_ranges, _endsCharacter, _length) = (new Range[ids.Count], new bool[ids.Count], text.Length);

        // The character a token may have ended in, [start, end) in the text, and how many of its bytes are to come.
        int start = 0;
        int end = 0;
        int left = 0;
        for (int i = 0; i < ids.Count; i++)
        {
            int first = left > 0 ? start : end;
            int bytes = tokenizer.GetBytes(ids[i]).Length;
            while (bytes > 0)
            {
                if (left == 0)
                {
                    // A lone surrogate is encoded as U+FFFD, which is what this makes of it.
                    Rune.DecodeFromUtf16(text.AsSpan(end), out Rune rune, out int characters);
                    (start, end, left) = (end, end + characters, rune.Utf8SequenceLength);
                }

                int taken = Math.Min(bytes, left);
                bytes -= taken;
                left -= taken;
            }

            (_ranges[i], _endsCharacter[i]) = (first..end, left == 0);
        }
    }

    /// <summary>The characters a token stands for, all or in part.</summary>
    public Range this[int token] => _ranges[token];

    /// <summary>Most tokens from the start, not more than so many, that make whole characters.</summary>
    public int CountFromStart(int most)
    {
        int count = Math.Min(most, _ranges.Length);
        while (count > 0 && !_endsCharacter[count - 1])
        {
            count--;
        }

        return count;
    }

    /// <summary>Most tokens at the end, not more than so many, that make whole characters.</summary>
    public int CountFromEnd(int most)
    {
        int first = _ranges.Length - Math.Min(most, _ranges.Length);
        while (first > 0 && first < _ranges.Length && !_endsCharacter[first - 1])
        {
            first++;
        }

        return _ranges.Length - first;
    }

    /// <summary>Characters that so many tokens from the start make.</summary>
    public int LengthFromStart(int count) => count > 0 ? _ranges[count - 1].End.Value : 0;

    /// <summary>Where in the text so many tokens at the end begin.</summary>
    public int IndexFromEnd(int count) => count > 0 ? _ranges[^count].Start.Value : _length;
}
