namespace SmolLM3.Fuzz;

/// <summary>What a schema cost.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Compile">Longest time a mode took to compile it.</param>
/// <param name="Step">Longest time a token took: finding the mask and stepping.</param>
/// <param name="Allocated">Bytes allocated for compiling and walking, all together.</param>
/// <param name="Kept">Bytes the grammars keep; 0 where so few were allocated that nobody looked.</param>
/// <param name="Fingerprint">Equal for equal masks and texts.</param>
internal sealed record TrialReport(
    string Outcome, TimeSpan Compile, TimeSpan Step, long Allocated, long Kept, int Fingerprint)
{
    /// <summary>The longest time anything took.</summary>
    public TimeSpan Slowest => Compile > Step ? Compile : Step;
}
