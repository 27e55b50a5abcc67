namespace SmolLM3.Extensions.Constraints.Schemas;

/// <summary>Takes note of what a schema asks for and cannot be enforced.</summary>
/// <param name="mode">Whether that is refused.</param>
internal sealed class SchemaReport(SchemaMode mode)
{
    private readonly SortedSet<string> _relaxed = new(StringComparer.Ordinal);

    /// <summary>Where keywords were left out: pointers that end with the keyword.</summary>
    public IReadOnlyCollection<string> Relaxed => _relaxed;

    /// <summary>Tells of a keyword that is not enforced.</summary>
    /// <exception cref="NotSupportedException">The mode is strict.</exception>
    public void CannotEnforce(Subschema schema, string keyword, string why)
    {
        string place = $"{schema.Pointer}/{keyword}";
        if (mode == SchemaMode.Strict)
        {
            throw new NotSupportedException(
                $"The JSON schema's '{keyword}' at {place} cannot be enforced: {why} Change the schema.");
        }

        _relaxed.Add(place);
    }
}
