using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;

namespace SmolLM3.Extensions.Chat;

/// <summary>
/// Describes a function as Python would declare it: <c>def get_weather(city: str, days: int = 1) -> str:</c> with a
/// docstring. Types are for the model to read; a schema says more than they do.
/// </summary>
internal static partial class PythonSignature
{
    private const int MostDepth = 4;
    private const string Indentation = "    ";
    private const string Anything = "Any";

    private static readonly FrozenSet<string> s_keywords =
    [
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
        "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
        "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
    ];

    private sealed record Parameter(string Name, JsonElement Schema, bool IsRequired);

    /// <summary>Describes a function, as a JSON text: the prompt writes it as it is.</summary>
    /// <exception cref="ArgumentException">Its name, or that of a parameter, is no Python identifier.</exception>
    public static JsonElement Of(AIFunctionDeclaration function)
    {
        // Python wants parameters with a default behind the others.
        Parameter[] parameters = [.. Parameters(function.JsonSchema).OrderBy(parameter => !parameter.IsRequired)];
        Check(function.Name, function.Name);
        foreach (Parameter parameter in parameters)
        {
            Check(parameter.Name, function.Name);
        }

        StringBuilder text = new($"def {function.Name}({string.Join(", ", parameters.Select(Declare))})");
        if (function.ReturnJsonSchema is { } result)
        {
            text.Append(" -> ").Append(Type(result, MostDepth));
        }

        text.Append(":\n").Append(Indentation);
        string documentation = Document(function.Description, parameters);
        return JsonElement.Parse(PythonJson.Quote(text.Append(documentation).ToString()));
    }

    private static void Check(string name, string function)
    {
        if (!Identifier().IsMatch(name) || s_keywords.Contains(name))
        {
            throw new ArgumentException(
                $"The tool '{function}' cannot be called from Python code: '{name}' is no Python identifier. Rename it, or "
                + "leave PythonFunctions off.");
        }
    }

    private static IEnumerable<Parameter> Parameters(JsonElement schema)
    {
        if (Member(schema, "properties") is not { ValueKind: JsonValueKind.Object } properties)
        {
            return [];
        }

        HashSet<string> required = [.. Texts(Member(schema, "required"))];
        return JsonText.Properties(properties)
            .Select(property => new Parameter(property.Key, property.Value, required.Contains(property.Key)));
    }

    private static string Declare(Parameter parameter)
    {
        string type = Type(parameter.Schema, MostDepth);
        return parameter.IsRequired ? $"{parameter.Name}: {type}"
            : Member(parameter.Schema, "default") is { } value ? $"{parameter.Name}: {type} = {PythonRepr.ToRepr(value)}"
            : type == Anything || type.EndsWith("None", StringComparison.Ordinal) ? $"{parameter.Name}: {type} = None"
            : $"{parameter.Name}: {type} | None = None";
    }

    private static string Document(string description, Parameter[] parameters)
    {
        string[] lines = [.. parameters
            .Select(parameter => (parameter.Name, Text: Texts(Member(parameter.Schema, "description")).FirstOrDefault()))
            .Where(parameter => !string.IsNullOrWhiteSpace(parameter.Text))
            .Select(parameter => Indentation + Indent($"{parameter.Name}: {parameter.Text}", levels: 2))];
        if (string.IsNullOrWhiteSpace(description) && lines.Length == 0)
        {
            return "...";
        }

        string text = lines.Length == 0 ? description.Trim()
            : $"{description.Trim()}\n\nArgs:\n{string.Join('\n', lines)}".TrimStart();
        string end = lines.Length == 0 ? "" : "\n" + Indentation;
        return "\"\"\"" + Indent(Escape(text + end), levels: 1) + "\"\"\"";
    }

    // Three quotes would end the docstring, and so would one in front of those that do.
    private static string Escape(string text) => EndingQuotes().Replace(
        text.Replace("\\", "\\\\", StringComparison.Ordinal),
        quotes => quotes.Value.Replace("\"", "\\\"", StringComparison.Ordinal));

    /// <summary>Indents the lines behind the first one, but for blank ones.</summary>
    private static string Indent(string text, int levels)
    {
        string indentation = string.Concat(Enumerable.Repeat(Indentation, levels));
        return string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(
            (line, i) => i == 0 || string.IsNullOrWhiteSpace(line) ? line : indentation + line));
    }

    private static string Type(JsonElement schema, int depth)
    {
        if (depth == 0 || schema.ValueKind != JsonValueKind.Object)
        {
            return Anything;
        }

        if (Member(schema, "const") is { } constant)
        {
            return $"Literal[{PythonRepr.ToRepr(constant)}]";
        }

        if (Member(schema, "enum") is { ValueKind: JsonValueKind.Array } values && values.GetArrayLength() > 0)
        {
            return $"Literal[{string.Join(", ", values.EnumerateArray().Select(PythonRepr.ToRepr))}]";
        }

        JsonElement? branches = Member(schema, "anyOf") ?? Member(schema, "oneOf");
        string[] types = branches is { ValueKind: JsonValueKind.Array } list
            ? [.. list.EnumerateArray().Select(branch => Type(branch, depth - 1))]
            : [.. Texts(Member(schema, "type")).Select(type => Named(type, schema, depth - 1))];
        if (types.Length == 0 && Member(schema, "allOf") is { ValueKind: JsonValueKind.Array } all)
        {
            // One of them usually names the type, and the others narrow it.
            types =
                [.. all.EnumerateArray().Select(part => Type(part, depth - 1)).Where(type => type != Anything).Take(1)];
        }

        return types.Length == 0 || types.Contains(Anything)
            ? Anything
            : string.Join(" | ", types.Distinct().OrderBy(type => type == "None"));
    }

    private static string Named(string type, JsonElement schema, int depth) => type switch
    {
        "string" => "str",
        "integer" => "int",
        "number" => "float",
        "boolean" => "bool",
        "null" => "None",
        "array" => Member(schema, "items") is { } items ? $"list[{Type(items, depth)}]" : "list",
        "object" => Member(schema, "additionalProperties") is { ValueKind: JsonValueKind.Object } values
            ? $"dict[str, {Type(values, depth)}]"
            : "dict",
        _ => Anything,
    };

    private static JsonElement? Member(JsonElement schema, string name) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(name, out JsonElement value) ? value : null;

    private static IEnumerable<string> Texts(JsonElement? value) => value switch
    {
        { ValueKind: JsonValueKind.String } text => [JsonText.Value(text)],
        { ValueKind: JsonValueKind.Array } list =>
            list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(JsonText.Value),
        _ => [],
    };

    [GeneratedRegex("\"{3,}|\"+\\z")]
    private static partial Regex EndingQuotes();

    [GeneratedRegex(@"^[\p{L}_][\p{L}\p{Nd}_]*\z")]
    private static partial Regex Identifier();
}
