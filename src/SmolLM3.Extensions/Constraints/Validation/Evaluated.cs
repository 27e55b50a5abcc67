namespace SmolLM3.Extensions.Constraints.Validation;

/// <summary>What schemas that hold for a value have looked at: all but what <c>unevaluatedProperties</c> and
/// <c>unevaluatedItems</c> are for.</summary>
/// <param name="skippedBefore">What was not checked when it was empty.</param>
internal sealed class Evaluated(int skippedBefore)
{
    /// <summary><see cref="SchemaValidator.Skipped"/> when nothing was looked at yet.</summary>
    public int SkippedBefore => skippedBefore;

    /// <summary>Names of properties.</summary>
    public HashSet<string> Names { get; } = new(StringComparer.Ordinal);

    /// <summary>Places of items.</summary>
    public HashSet<int> Places { get; } = [];

    /// <summary>Adds what another schema looked at in the same value.</summary>
    public void Add(Evaluated other)
    {
        Names.UnionWith(other.Names);
        Places.UnionWith(other.Places);
    }
}
