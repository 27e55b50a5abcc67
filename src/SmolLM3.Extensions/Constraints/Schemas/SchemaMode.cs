namespace SmolLM3.Extensions.Constraints.Schemas;

/// <summary>What happens with parts of a schema that cannot be enforced.</summary>
internal enum SchemaMode
{
    /// <summary>They are refused.</summary>
    Strict,

    /// <summary>They are left out and told.</summary>
    BestEffort,
}
