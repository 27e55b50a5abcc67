using System.Text.Json;
using SmolLM3.Extensions.Constraints.Schemas;

namespace SmolLM3.Extensions.Constraints.Validation;

/// <summary><c>$ref</c>. Dynamic references are not followed.</summary>
internal sealed class ReferenceKeywords(SchemaValidator validator, SchemaDocument document) : IKeywords
{
    private readonly Dictionary<(string Pointer, string Reference), Subschema?> _targets = [];
    private readonly HashSet<(string Pointer, string Path)> _following = [];

    /// <inheritdoc/>
    public IEnumerable<string> Violations(Subschema schema, Instance value, Evaluated seen)
    {
        if (schema.TryGet("$dynamicRef", out _) || schema.TryGet("$recursiveRef", out _))
        {
            validator.Skip();
        }

        if (!validator.TryGet(schema, "$ref", JsonValueKind.String, out JsonElement reference))
        {
            yield break;
        }

        // One that leads back here for the same value adds nothing.
        if (Find(schema, reference.GetString()!) is not { } target
            || !_following.Add((target.Pointer, value.Path)))
        {
            validator.Skip();
            yield break;
        }

        string? violation = validator.Check(target, value, seen);
        _following.Remove((target.Pointer, value.Path));
        if (violation is not null)
        {
            yield return violation;
        }
    }

    private Subschema? Find(Subschema schema, string reference)
    {
        if (!_targets.TryGetValue((schema.Pointer, reference), out Subschema? target))
        {
            target = document.TryResolve(schema, reference, out Subschema found) ? found : null;
            _targets.Add((schema.Pointer, reference), target);
        }

        return target;
    }
}
