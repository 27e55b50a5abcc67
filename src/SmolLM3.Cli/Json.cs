using System.Text.Json;

namespace SmolLM3.Cli;

/// <summary>Results as JSON: the keys are the names of the properties in snake case.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions s_line = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    private static readonly JsonSerializerOptions s_page = new(s_line) { WriteIndented = true };

    public static string Line<T>(T value) => JsonSerializer.Serialize(value, s_line);

    public static string Page<T>(T value) => JsonSerializer.Serialize(value, s_page);
}
