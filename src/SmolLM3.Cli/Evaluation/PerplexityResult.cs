namespace SmolLM3.Cli.Evaluation;

/// <summary>What was found; the properties are the keys of its JSON.</summary>
/// <param name="Model">The model.</param>
/// <param name="Tokens">Tokens of the text; all but the first count.</param>
/// <param name="Context">Most tokens of a window.</param>
/// <param name="Stride">Tokens from window to window.</param>
/// <param name="Windows">How many windows the text took.</param>
/// <param name="MeanNegativeLogLikelihood">In nats a token.</param>
/// <param name="Perplexity">e to that.</param>
internal sealed record PerplexityResult(
    string Model, int Tokens, int Context, int Stride, int Windows, double MeanNegativeLogLikelihood, double Perplexity)
{
    /// <summary>For people.</summary>
    public string ToText() => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"{Perplexity:F4} perplexity, {MeanNegativeLogLikelihood:F6} nats a token over {Tokens:N0} tokens ")
        + (Windows == 1 ? "in one window" : $"in {Windows:N0} windows of {Context:N0}, stride {Stride:N0}");
}
