namespace SmolLM3.Extensions.Models;

/// <summary>A file in the cache.</summary>
/// <param name="Repository">Of which repository.</param>
/// <param name="Name">Its name there, folders included.</param>
/// <param name="Commit">In which state of it.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Bytes">Its length.</param>
internal sealed record CachedFile(string Repository, string Name, string Commit, string Path, long Bytes);
