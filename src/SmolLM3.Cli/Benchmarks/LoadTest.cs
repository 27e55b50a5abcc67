using SmolLM3.Inference.Managed;

namespace SmolLM3.Cli.Benchmarks;

/// <summary>Clients that each ask again as soon as they are answered.</summary>
/// <param name="Clients">How many ask at once.</param>
/// <param name="Requests">What they ask together.</param>
/// <param name="CancelledPercent">Share of the requests that are given up somewhere before their end.</param>
/// <param name="HeadTokens">Tokens every prompt begins with.</param>
/// <param name="OwnTokens">Tokens of a prompt after those.</param>
/// <param name="AnswerTokens">Tokens of an answer that nobody cancels.</param>
internal sealed record LoadTest(
    int Clients, int Requests, int CancelledPercent, int HeadTokens, int OwnTokens, int AnswerTokens)
{
    /// <summary>Requests that are given up.</summary>
    public int Cancelled => (int)((long)Requests * CancelledPercent / 100);

    /// <summary>Length of a request at its end.</summary>
    public int ContextLength => HeadTokens + OwnTokens + AnswerTokens;

    /// <summary>Room the clients take: the head is stored once, and everyone wastes at most part of the first and of
    /// the last block of what is its own.</summary>
    public long CapacityTokens => HeadTokens + (Clients * (OwnTokens + AnswerTokens + (2L * KvDefaults.BlockTokens)));
}
