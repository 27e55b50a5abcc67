using System.Text.Json;
using SmolLM3.Extensions.Constraints;
using SmolLM3.Extensions.Constraints.Validation;

namespace SmolLM3.Extensions.Chat;

/// <summary>Checks calls to tools whose schemas are not enforced in all while the model writes.</summary>
/// <param name="tools">Dictionaries of the tools that may be called.</param>
/// <param name="relaxed">Those among them that are relaxed.</param>
internal sealed class RelaxedCalls(IReadOnlyList<JsonElement> tools, IReadOnlyList<RelaxedTool> relaxed)
{
    /// <summary>What the arguments of a call violate, or null.</summary>
    /// <param name="call">A call that could be read.</param>
    public FormatException? FindViolation(OutputToolCall call)
    {
        if (!relaxed.Any(tool => tool.Tool == call.Name))
        {
            return null;
        }

        // Of tools with one name any may be meant, so one that takes the arguments is enough.
        string? first = null;
        foreach (JsonElement tool in tools.Where(tool => JsonText.Value(tool.GetProperty("name")) == call.Name))
        {
            string? violation = SchemaValidator.FirstViolation(tool.GetProperty("parameters"), call.Arguments);
            if (violation is null)
            {
                return null;
            }

            first ??= violation;
        }

        return new FormatException(
            $"The arguments of the call to '{call.Name}' violate the tool's JSON schema: {first}");
    }
}
