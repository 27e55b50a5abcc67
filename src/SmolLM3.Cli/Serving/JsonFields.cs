using System.Text.Json;
using SmolLM3.Cli.Serving.Errors;

namespace SmolLM3.Cli.Serving;

/// <summary>Reads the fields of a request. What is not there and what is null are the same; what is of another type, or
/// out of its range, is refused by its name.</summary>
/// <param name="json">A JSON object.</param>
/// <param name="path">Where it stands in the request; empty for the request itself.</param>
internal readonly struct JsonFields(JsonElement json, string path = "")
{
    /// <summary>The object itself.</summary>
    public JsonElement Json => json;

    /// <summary>Where it stands in the request.</summary>
    public string Path => path;

    /// <summary>The path of a field, as errors name it.</summary>
    public string PathOf(string name) => path.Length == 0 ? name : $"{path}.{name}";

    /// <summary>The value of a field, or null.</summary>
    public JsonElement? Find(string name) =>
        json.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public string? Text(string name)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Wrong(name, "a string");
    }

    public bool? Flag(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw Wrong(name, "true or false"),
    };

    public float? Number(string name) => Find(name) switch
    {
        null => null,
        { } value when TryReadNumber(value, out float number) => number,
        _ => throw Wrong(name, "a number"),
    };

    /// <summary>Reads what may be a number.</summary>
    public static bool TryReadNumber(JsonElement value, out float number)
    {
        number = value.ValueKind == JsonValueKind.Number ? value.GetSingle() : float.NaN;
        return float.IsFinite(number);
    }

    public long? Integer(string name, long least = long.MinValue, long most = long.MaxValue) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value
            when value.TryGetInt64(out long number) && number >= least && number <= most => number,
        _ => throw Wrong(name, (least, most) switch
        {
            (long.MinValue, long.MaxValue) => "an integer",
            (_, int.MaxValue) => $"an integer, at least {least}",
            _ => $"an integer from {least} to {most}",
        }),
    };

    /// <summary>An object, or null.</summary>
    public JsonFields? Object(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => new JsonFields(value, PathOf(name)),
        _ => throw Wrong(name, "an object"),
    };

    /// <summary>The objects of a list; without one none.</summary>
    public IReadOnlyList<JsonFields> Objects(string name)
    {
        if (Find(name) is not { } list)
        {
            return [];
        }

        string own = PathOf(name);
        return list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Select((item, i) => item.ValueKind == JsonValueKind.Object
                ? new JsonFields(item, $"{own}[{i}]")
                : throw ApiException.Invalid($"{own}[{i}] must be an object.", $"{own}[{i}]"))]
            : throw Wrong(name, "a list");
    }

    /// <summary>The texts of a list, none of them empty; without one none.</summary>
    public string[] Texts(string name)
    {
        const string wanted = "a list of texts, none of them empty";
        JsonFields own = this;
        return Find(name) switch
        {
            null => [],
            { ValueKind: JsonValueKind.Array } list =>
            [
                .. list.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String
                    && item.GetString() is { Length: > 0 } text ? text : throw own.Wrong(name, wanted)),
            ],
            _ => throw Wrong(name, wanted),
        };
    }

    /// <summary>The token ids of a list; without one none.</summary>
    public int[] Ids(string name) => Find(name) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } list when TryReadIds(list, out int[] ids) => ids,
        _ => throw Wrong(name, "a list of token ids"),
    };

    /// <summary>Reads a list that may be one of token ids.</summary>
    public static bool TryReadIds(JsonElement list, out int[] ids)
    {
        ids = new int[list.GetArrayLength()];
        int count = 0;

        // Not by index: that walks a list of lists from its start each time.
        foreach (JsonElement item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt32(out int id) || id < 0)
            {
                return false;
            }

            ids[count++] = id;
        }

        return true;
    }

    /// <summary>That a field is not as it must be.</summary>
    public ApiException Wrong(string name, string wanted) =>
        ApiException.Invalid($"{PathOf(name)} must be {wanted}.", PathOf(name));

    /// <summary>That a field asks for what there is not.</summary>
    public ApiException Unsupported(string name, string message) =>
        ApiException.Invalid(message, PathOf(name), "unsupported_value");
}
