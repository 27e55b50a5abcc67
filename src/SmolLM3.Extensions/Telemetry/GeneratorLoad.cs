namespace SmolLM3.Extensions.Telemetry;

/// <summary>What a generator is at.</summary>
/// <param name="Running">Requests that are computed.</param>
/// <param name="Waiting">Requests that wait.</param>
/// <param name="MaxRequests">Most of both together; one more is refused.</param>
/// <param name="FreeTokens">Tokens there is room for beside what is stored.</param>
/// <param name="CapacityTokens">Tokens there is room for in all.</param>
internal readonly record struct GeneratorLoad(
    int Running, int Waiting, long MaxRequests, int FreeTokens, int CapacityTokens)
{
    /// <summary>Whether a further request is refused.</summary>
    public bool IsFull => Running + (long)Waiting >= MaxRequests;
}
