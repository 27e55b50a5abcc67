using System.Text.Json;

namespace SmolLM3.Extensions.Tests.Chat;

/// <summary>The expectations tests/peers/render_expectations.py and render_tokens.mjs made.</summary>
internal static class ExpectedData
{
    public static JsonElement Renders { get; } = Read("renders.json");

    public static JsonElement RenderTokens { get; } = Read("render-tokens.json");

    public static JsonElement Reprs { get; } = Read("reprs.json");

    public static JsonElement Characters { get; } = Read("characters.json");

    public static IReadOnlyDictionary<string, JsonElement> RendersByName { get; } =
        Renders.EnumerateArray().ToDictionary(render => render.GetProperty("name").GetString()!);

    private static JsonElement Read(string name)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "Chat", "Data", name);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.Clone();
    }
}
