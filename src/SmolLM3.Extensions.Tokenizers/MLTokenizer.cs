using System.Buffers;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace SmolLM3.Extensions.Tokenizers;

/// <summary>SmolLM3's tokenizer under the interface of Microsoft.ML.Tokenizers.</summary>
/// <param name="tokenizer">Who does the work.</param>
internal sealed class MLTokenizer(ISmolLM3Tokenizer tokenizer) : Tokenizer
{
    /// <inheritdoc/>
    public override string Decode(IEnumerable<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return tokenizer.Decode([.. ids]);
    }

    /// <inheritdoc/>
    /// <remarks>Tokens count as consumed where a character ends with them.</remarks>
    public override OperationStatus Decode(
        IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
    {
        ArgumentNullException.ThrowIfNull(ids);
        (idsConsumed, charsWritten) = (0, 0);
        Decoder decoder = Encoding.UTF8.GetDecoder();
        int taken = 0;
        int written = 0;
        foreach (int id in ids)
        {
            ReadOnlySpan<byte> bytes = tokenizer.GetBytes(id);
            if (written + decoder.GetCharCount(bytes, flush: false) > destination.Length)
            {
                return OperationStatus.DestinationTooSmall;
            }

            written += decoder.GetChars(bytes, destination[written..], flush: false);
            taken++;
            bool isWithinCharacter = decoder.GetCharCount([], flush: true) > 0;
            if (!isWithinCharacter)
            {
                (idsConsumed, charsWritten) = (taken, written);
            }
        }

        if (written + decoder.GetCharCount([], flush: true) > destination.Length)
        {
            return OperationStatus.DestinationTooSmall;
        }

        written += decoder.GetChars([], destination[written..], flush: true);
        (idsConsumed, charsWritten) = (taken, written);
        return OperationStatus.Done;
    }

    /// <inheritdoc/>
    protected override EncodeResults<EncodedToken> EncodeToTokens(
        string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        (string whole, IReadOnlyList<int> ids, TokenSpans spans) = Encode(text, textSpan, settings);
        int count = spans.CountFromStart(settings.MaxTokenCount);
        return new()
        {
            Tokens = [.. Enumerable.Range(0, count).Select(i => new EncodedToken(ids[i], whole[spans[i]], spans[i]))],
            CharsConsumed = spans.LengthFromStart(count),
        };
    }

    /// <inheritdoc/>
    protected override EncodeResults<int> EncodeToIds(
        string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        (_, IReadOnlyList<int> ids, TokenSpans spans) = Encode(text, textSpan, settings);
        int count = spans.CountFromStart(settings.MaxTokenCount);
        return new() { Tokens = [.. ids.Take(count)], CharsConsumed = spans.LengthFromStart(count) };
    }

    /// <inheritdoc/>
    protected override int CountTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings) =>
        settings.MaxTokenCount == int.MaxValue
            ? tokenizer.CountTokens(text ?? textSpan.ToString())
            : Encode(text, textSpan, settings).Spans.CountFromStart(settings.MaxTokenCount);

    /// <inheritdoc/>
    protected override int GetIndexByTokenCount(
        string? text,
        ReadOnlySpan<char> textSpan,
        EncodeSettings settings,
        bool fromEnd,
        out string? normalizedString,
        out int tokenCount)
    {
        normalizedString = null;
        TokenSpans spans = Encode(text, textSpan, settings).Spans;
        tokenCount = fromEnd ? spans.CountFromEnd(settings.MaxTokenCount) : spans.CountFromStart(settings.MaxTokenCount);
        return fromEnd ? spans.IndexFromEnd(tokenCount) : spans.LengthFromStart(tokenCount);
    }

    private (string Text, IReadOnlyList<int> Ids, TokenSpans Spans) Encode(
        string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.MaxTokenCount, 1);
        string whole = text ?? textSpan.ToString();
        IReadOnlyList<int> ids = tokenizer.Encode(whole);
        return (whole, ids, new TokenSpans(whole, ids, tokenizer));
    }
}
