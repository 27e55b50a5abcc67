namespace SmolLM3.Extensions;

/// <summary>Why a model could not be downloaded.</summary>
public enum ModelDownloadProblem
{
    /// <summary>The model is not here, and downloads are off.</summary>
    Offline,

    /// <summary>Nobody answers at the hub's address, or the connection breaks again and again.</summary>
    HubNotReachable,

    /// <summary>The hub answers, but with an error, with what makes no sense, or that too much was asked of it.</summary>
    HubFailed,

    /// <summary>The hub does not give this model to everybody, or not with this token, or the token can be none.</summary>
    AccessDenied,

    /// <summary>The hub has no such repository, or that has no such file or quantization, or only in parts.</summary>
    NotFound,

    /// <summary>The bytes that came are not those the hub has. They were deleted.</summary>
    Damaged,

    /// <summary>The disk has no room for it.</summary>
    DiskFull,

    /// <summary>The folder of the cache cannot be read or written.</summary>
    CacheNotUsable,
}
