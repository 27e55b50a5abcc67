namespace SmolLM3.Cli.Evaluation;

/// <summary>How well a model foretells a text. A text that is longer than the context is read in windows of the context's
/// length, each begun a stride behind the one before; a token counts in the first window it is in, foretold by what
/// stands before it there. So every token but the first counts once, behind at least <c>context - stride</c> others, or
/// all there are.</summary>
/// <param name="Context">Most tokens of a window.</param>
/// <param name="Stride">Tokens from the beginning of a window to that of the next, below the context.</param>
internal sealed record Perplexity(int Context, int Stride)
{
    /// <summary>A part of the text: from its first token, by the first that counts, to behind the last.</summary>
    public readonly record struct Window(int Start, int FirstCounted, int End);

    /// <summary>The windows of a text.</summary>
    public IEnumerable<Window> Windows(int tokens)
    {
        for (int start = 0, counted = 1; counted < tokens; start += Stride)
        {
            int end = Math.Min(start + Context, tokens);
            yield return new(start, counted, end);
            counted = end;
        }
    }

    /// <summary>The mean negative logarithm of the tokens' probabilities, in nats; every token but the first counts.
    /// </summary>
    /// <param name="rows">Compute.</param>
    /// <param name="tokens">The text, two tokens at least.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public double Measure(Rows rows, int[] tokens, CancellationToken cancellationToken)
    {
        double sum = 0;
        foreach (Window window in Windows(tokens.Length))
        {
            // What follows the last token of a window is foretold in the next.
            rows.Compute(
                tokens.AsSpan(window.Start, window.End - 1 - window.Start),
                window.FirstCounted - 1 - window.Start,
                (position, logits) => sum += NegativeLog(logits, tokens[window.Start + position + 1]),
                cancellationToken);
        }

        return sum / (tokens.Length - 1);
    }

    /// <summary>−ln of a token's probability under the softmax of these logits.</summary>
    private static double NegativeLog(ReadOnlySpan<float> logits, int token)
    {
        float max = float.NegativeInfinity;
        foreach (float logit in logits)
        {
            max = Math.Max(max, logit);
        }

        double sum = 0;
        foreach (float logit in logits)
        {
            sum += Math.Exp((double)logit - max);
        }

        return Math.Log(sum) + max - logits[token];
    }
}
