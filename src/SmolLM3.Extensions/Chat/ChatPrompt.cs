using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Chat;

/// <summary>A rendered prompt: special tokens, text and replayed turns in order.</summary>
/// <param name="runs">The pieces; two text runs never touch.</param>
/// <param name="exchanges">Where exchanges begin, as indices of the runs: at a turn's first special token.</param>
/// <param name="thinking">The mode after the flags of the system text.</param>
/// <param name="flagOverrode">Whether such a flag decided against the mode the request asked for.</param>
internal sealed class ChatPrompt(
    IReadOnlyList<PromptRun> runs, IReadOnlyList<int> exchanges, bool thinking, bool flagOverrode)
{
    /// <summary>What stands before an answer without a thought.</summary>
    public static ChatPrompt EmptyThought { get; } =
        new(new ChatPromptBuilder().EmptyThought().Build(), exchanges: [], thinking: false, flagOverrode: false);

    /// <summary>The pieces of the prompt; two text runs never touch.</summary>
    public IReadOnlyList<PromptRun> Runs { get; } = runs;

    /// <summary>The mode after the flags: true lets the model think, false has the empty thought pre-filled.</summary>
    public bool Thinking { get; } = thinking;

    /// <summary>True when a flag in the system text decided against the mode the request asked for.</summary>
    public bool FlagOverrode { get; } = flagOverrode;

    /// <summary>The prompt in characters: what the official template writes.</summary>
    public string ToText() => string.Concat(Runs.Select(run => run.Text));

    /// <summary>
    /// The prompt in token ids. Special tokens are found by text in the vocabulary; a thought, call or code tag it
    /// lacks is written in letters.
    /// </summary>
    /// <exception cref="UnsupportedModelException">The vocabulary has no tokens for turns: a base model.</exception>
    public List<int> Encode(Tokenizer tokenizer) => Encode(tokenizer, out _);

    /// <inheritdoc cref="Encode(Tokenizer)"/>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="exchangeStarts">Where in the ids each exchange starts. A special token stands there, so the ids of
    /// a prompt without some exchanges are these without theirs.</param>
    public List<int> Encode(Tokenizer tokenizer, out int[] exchangeStarts) =>
        PromptEncoder.Encode(Runs, exchanges, tokenizer, out exchangeStarts);
}
