using System.Text.Json;

namespace SmolLM3.Cli;

/// <summary>JSON files that users give.</summary>
internal static class JsonFile
{
    /// <summary>Reads one.</summary>
    /// <exception cref="FormatException">It holds something else; the message names it.</exception>
    public static async Task<T?> ReadAsync<T>(FileInfo file, CancellationToken cancellationToken)
    {
        await using FileStream stream = file.OpenRead();
        try
        {
            return await JsonSerializer.DeserializeAsync<T>(stream, cancellationToken: cancellationToken);
        }
        catch (JsonException e)
        {
            throw new FormatException($"'{file.Name}' is not the JSON that is wanted: {e.Message}", e);
        }
    }
}
