using System.Text;

namespace SmolLM3.Inference.Tokenization;

/// <summary>
/// Decodes tokens as they come. A character may be spread over several tokens: what is not yet whole is held back, so
/// that the texts returned, put together, are what <see cref="Tokenizer.Decode"/> makes of all tokens at once. Bytes
/// that cannot become a character are U+FFFD. For one thread at a time.
/// </summary>
/// <param name="tokenizer">Whose tokens they are.</param>
public sealed class TokenDecoder(Tokenizer tokenizer)
{
    // The longest unfinished character is 3 bytes, which make one U+FFFD at most.
    private const int Held = 1;
    private const int StackCharacters = 256;

    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    /// <summary>Takes the next token.</summary>
    /// <param name="id">The token.</param>
    /// <returns>The characters that became whole; often none.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token.</exception>
    public string Append(int id) => Decode(tokenizer.GetBytes(id), flush: false);

    /// <summary>Ends the text: an unfinished character becomes U+FFFD. The decoder is as new afterwards.</summary>
    public string Flush() => Decode([], flush: true);

    private string Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        int most = bytes.Length + Held;
        Span<char> characters = most <= StackCharacters ? stackalloc char[StackCharacters] : new char[most];
        int count = _decoder.GetChars(bytes, characters, flush);
        return count == 0 ? "" : new string(characters[..count]);
    }
}
