using SmolLM3.Inference.Gguf;

namespace SmolLM3.Extensions.LLamaSharp;

/// <summary>A GGUF as the path of a file: its own, or where it came from a stream that of a copy, deleted at the end.
/// llama.cpp reads nothing but files.</summary>
internal sealed class TemporaryFile : IDisposable
{
    private readonly bool _isCopy;

    /// <summary>Makes the copy, if there has to be one.</summary>
    /// <exception cref="IOException">There is no room for it.</exception>
    public TemporaryFile(GgufFile file)
    {
        _isCopy = file.Path is null;
        Path = file.Path ?? System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"smollm3-{Guid.NewGuid():N}.gguf");
        if (!_isCopy)
        {
            return;
        }

        try
        {
            // Nobody else's business: a model may be confidential.
            FileStreamOptions mine = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                mine.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using FileStream copy = new(Path, mine);
            file.CopyTo(copy);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isCopy)
        {
            File.Delete(Path);
        }
    }
}
