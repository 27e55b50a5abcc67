namespace SmolLM3.Extensions.Models;

/// <summary>A file as the hub describes it.</summary>
/// <param name="Repository">Where it lies.</param>
/// <param name="Commit">In which state of the repository.</param>
/// <param name="Name">Its name there, folders included.</param>
/// <param name="Id">SHA-256 of its bytes; of a small file outside of LFS the SHA-1 git gives it. Also the name of its
/// bytes in the cache.</param>
/// <param name="Bytes">Its length.</param>
internal sealed record HubFile(string Repository, string Commit, string Name, string Id, long Bytes);
