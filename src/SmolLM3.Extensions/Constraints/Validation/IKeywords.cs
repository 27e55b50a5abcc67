using SmolLM3.Extensions.Constraints.Schemas;

namespace SmolLM3.Extensions.Constraints.Validation;

/// <summary>Some keywords of JSON Schema.</summary>
internal interface IKeywords
{
    /// <summary>Where a value violates them, found as it is asked for.</summary>
    /// <param name="schema">An object.</param>
    /// <param name="value">The value.</param>
    /// <param name="seen">Takes what the keywords looked at; complete once all violations were asked for.</param>
    IEnumerable<string> Violations(Subschema schema, Instance value, Evaluated seen);
}
