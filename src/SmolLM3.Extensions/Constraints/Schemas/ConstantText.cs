using System.Text;
using System.Text.Json;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Constraints.Grammars;

namespace SmolLM3.Extensions.Constraints.Schemas;

/// <summary>Writes constants in the layout of <see cref="JsonLanguage"/>.</summary>
internal static class ConstantText
{
    /// <summary>A value as text.</summary>
    public static string Write(JsonElement value)
    {
        StringBuilder text = new();
        Write(value, text);
        return text.ToString();
    }

    private static void Write(JsonElement value, StringBuilder text)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                text.Append(JsonCharacters.Quote(JsonText.Value(value)));
                break;
            case JsonValueKind.Array:
                text.Append('[');
                text.AppendJoin(", ", value.EnumerateArray().Select(Write));
                text.Append(']');
                break;
            case JsonValueKind.Object:
                text.Append('{');
                text.AppendJoin(", ", value.EnumerateObject().Select(
                    property => $"{JsonCharacters.Quote(property.Name)}: {Write(property.Value)}"));
                text.Append('}');
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }
}
