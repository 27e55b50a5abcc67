namespace SmolLM3.Extensions.Models;

/// <summary>How much a disk still takes.</summary>
internal static class FreeDisk
{
    private const int UnixNoSpace = 28;
    private const int LinuxQuota = 122;
    private const int MacQuota = 69;
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);
    private const int WindowsQuota = unchecked((int)0x8007050F);

    /// <summary>Bytes this user may still write in a folder; null where the system does not say, as for some network
    /// paths.</summary>
    public static long? Measure(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Whether this is the error of a disk that takes no more, at all or from this user.</summary>
    public static bool IsFull(IOException error) => error.HResult
        is UnixNoSpace or LinuxQuota or MacQuota or WindowsDiskFull or WindowsHandleDiskFull or WindowsQuota;
}
