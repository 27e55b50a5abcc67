namespace SmolLM3.Extensions;

/// <summary>
/// A request does not fit into the engine's memory for keys and values even when it has all of it to itself. Only that
/// request ends; others go on.
/// </summary>
public sealed class CapacityExceededException : InvalidOperationException
{
    /// <summary>Makes the exception for a request.</summary>
    /// <param name="tokens">Tokens the request had come to, prompt and answer together.</param>
    /// <param name="capacityTokens">What the engine says it can hold over all sequences, in tokens.</param>
    public CapacityExceededException(int tokens, int capacityTokens)
        : base($"The request came to {tokens} tokens, which do not fit into the engine's memory for keys and values " +
            $"({capacityTokens} tokens over all sequences) although nothing else was in it. " +
            "Raise SmolLM3Options.CapacityTokens, or shorten the prompt or the answer.")
    {
        Tokens = tokens;
        CapacityTokens = capacityTokens;
    }

    /// <summary>Tokens the request had come to, prompt and answer together.</summary>
    public int Tokens { get; }

    /// <summary>What the engine says it can hold over all sequences, in tokens.</summary>
    public int CapacityTokens { get; }
}
