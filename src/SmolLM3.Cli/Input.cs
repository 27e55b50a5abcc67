namespace SmolLM3.Cli;

/// <summary>Bytes that users give.</summary>
internal static class Input
{
    /// <summary>What names standard input.</summary>
    public const string Standard = "-";

    /// <summary>Reads a file, or standard input, to its end.</summary>
    public static async Task<byte[]> ReadAsync(string name, CancellationToken cancellationToken)
    {
        if (name != Standard)
        {
            return await File.ReadAllBytesAsync(name, cancellationToken);
        }

        using var bytes = new MemoryStream();
        await using Stream input = Console.OpenStandardInput();
        await input.CopyToAsync(bytes, cancellationToken);
        return bytes.ToArray();
    }
}
