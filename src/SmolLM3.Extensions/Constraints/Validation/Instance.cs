using System.Text.Json;
using SmolLM3.Extensions.Constraints.Schemas;

namespace SmolLM3.Extensions.Constraints.Validation;

/// <summary>A value within the value that is checked.</summary>
/// <param name="Path">Where it stands: a JSON pointer.</param>
/// <param name="Element">The value.</param>
internal readonly record struct Instance(string Path, JsonElement Element)
{
    /// <summary>A property or an item of it.</summary>
    public Instance Below(string name, JsonElement element) => new($"{Path}/{Subschema.Escape(name)}", element);
}
