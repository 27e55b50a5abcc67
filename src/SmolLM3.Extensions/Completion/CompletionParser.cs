using SmolLM3.Extensions.Chat;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Completion;

/// <summary>Reads the continuation of a text: every token but control tokens is text as it stands, tags and blanks
/// included.</summary>
/// <param name="tokenizer">Whose tokens they are.</param>
/// <param name="stopSequences">Texts that end it and are not given out; empty ones are ignored.</param>
internal sealed class CompletionParser(Tokenizer tokenizer, IEnumerable<string> stopSequences) : IOutputParser
{
    private readonly TokenDecoder _decoder = new(tokenizer);
    private readonly StopMatcher _stops = new(stopSequences);

    /// <inheritdoc/>
    public bool Stopped => _stops.Stopped;

    /// <inheritdoc/>
    public int ReasoningTokens => 0;

    /// <inheritdoc/>
    public void Append(int token, List<OutputSegment> segments)
    {
        if (tokenizer.GetKind(token) != TokenKind.Control)
        {
            Add(segments, _stops.Append(_decoder.Append(token)));
        }
    }

    /// <inheritdoc/>
    public void Finish(List<OutputSegment> segments, bool isCut) =>
        Add(segments, _stops.Append(_decoder.Flush()) + _stops.Flush());

    private static void Add(List<OutputSegment> segments, string text)
    {
        if (text.Length > 0)
        {
            segments.Add(new OutputSegment(OutputKind.Text, text));
        }
    }
}
