using SmolLM3.Inference.Managed;

namespace SmolLM3.Cli.Benchmarks;

/// <summary>One thing to time.</summary>
/// <param name="IsPrompt">Whether a prompt is read in large batches; else tokens are decoded one a step.</param>
/// <param name="Tokens">Tokens timed, of each sequence.</param>
/// <param name="Depth">Tokens that stand before them.</param>
/// <param name="Sequences">Sequences that decode together.</param>
internal sealed record BenchTest(bool IsPrompt, int Tokens, int Depth, int Sequences)
{
    public string Name => $"{(IsPrompt ? "prompt" : "decode")} {Tokens}";

    /// <summary>Length of a sequence at the end.</summary>
    public int ContextLength => Depth + Tokens;

    /// <summary>Room it takes, in tokens: the depth is stored once, and a sequence that shares it wastes at most part
    /// of its first and of its last block.</summary>
    public long CapacityTokens => ContextLength + ((Sequences - 1L) * (Tokens + (2 * KvDefaults.BlockTokens)));

    /// <summary>Every combination; prompts come one at a time. Depths ascend, so that each continues the one before.
    /// A count of 0 leaves its test out.</summary>
    public static BenchTest[] Combine(int[] prompts, int[] generates, int[] depths, int[] sequences) =>
    [
        .. from depth in depths.Order()
           from test in (from tokens in prompts select new BenchTest(true, tokens, depth, 1)).Concat(
               from tokens in generates from count in sequences select new BenchTest(false, tokens, depth, count))
           where test.Tokens > 0
           select test,
    ];
}
