namespace SmolLM3.TinyModel;

/// <summary>
/// A small model of SmolLM3's architecture, trained on synthetic dialogues: greetings, arithmetic on small numbers,
/// tool calls whose arguments stand in the question, answers from tool results, with and without thinking, in English,
/// French, Spanish, German, Italian and Portuguese.
/// </summary>
/// <remarks>It is a stand-in for tests and first steps without a download: real weights, the real way through, a second
/// instead of gigabytes. It is not SmolLM3: it knows nothing of the world, and what was not in its training it answers
/// with nonsense.</remarks>
public static class TinyModel
{
    /// <summary>The name clients report for it.</summary>
    public const string ModelId = "smollm3-tiny";

    private const string ResourceName = "smollm3-tiny.gguf";

    /// <summary>Opens the GGUF file. The caller disposes the stream.</summary>
    public static Stream OpenRead() => typeof(TinyModel).Assembly.GetManifestResourceStream(ResourceName)
        ?? throw new InvalidOperationException($"The assembly was built without {ResourceName}.");

    /// <summary>Writes the GGUF file, for programs that want a path. An existing file is replaced.</summary>
    /// <param name="path">Where to.</param>
    public static void CopyTo(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);

        // Moved into place when whole: a file that is mapped somewhere must never be shortened.
        string partial = $"{path}.{Environment.ProcessId}.part";
        using (Stream source = OpenRead())
        using (FileStream destination = new(partial, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            source.CopyTo(destination);
        }

        File.Move(partial, path, overwrite: true);
    }
}
