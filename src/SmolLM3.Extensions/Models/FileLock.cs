namespace SmolLM3.Extensions.Models;

/// <summary>A lock that one holder on this machine has, whichever the process and the tool: on Unix it is the
/// <c>flock</c> huggingface_hub takes too. It ends with its holder.</summary>
internal sealed class FileLock : IDisposable
{
    private const int LinuxWouldBlock = 11;
    private const int MacWouldBlock = 35;
    private const int WindowsSharingViolation = unchecked((int)0x80070020);

    private readonly FileStream _file;

    private FileLock(FileStream file) => _file = file;

    /// <summary>Takes it.</summary>
    /// <returns>Null when somebody else has it.</returns>
    public static FileLock? TryTake(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        try
        {
            return new(new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (e.HResult is LinuxWouldBlock or MacWouldBlock or WindowsSharingViolation)
        {
            return null;
        }
    }

    // The file stays: deleted, two could hold a lock of its name.
    public void Dispose() => _file.Dispose();
}
