namespace SmolLM3.Extensions.Models;

/// <summary>Puts files into the cache and takes them out.</summary>
/// <remarks>Who places a file holds its lock.</remarks>
internal sealed class CacheWriter(HubCache cache)
{
    /// <summary>Makes a symbolic link; on Windows users need a right for it that few have. Null: none are wanted.</summary>
    public Action<string, string>? CreateLink { get; init; } = (path, target) => File.CreateSymbolicLink(path, target);

    /// <summary>Makes a file whose bytes are there known under its name, and its commit the newest of its branch.</summary>
    /// <param name="file">The file.</param>
    /// <param name="fetched">Where its bytes were written just now; null: they are in their place already.</param>
    /// <returns>Its path.</returns>
    public string Place(HubFile file, string? fetched)
    {
        string blob = cache.Blob(file.Repository, file.Id);
        if (fetched is not null)
        {
            File.Move(fetched, blob, overwrite: true);
        }

        string path = cache.Snapshot(file.Repository, file.Commit, file.Name);
        string folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        File.Delete(path);
        if (!TryLink(path, Path.GetRelativePath(folder, blob)))
        {
            // As huggingface_hub does it: the bytes themselves lie there, once where possible.
            if (fetched is not null)
            {
                File.Move(blob, path);
            }
            else
            {
                Replace(path, temporary => File.Copy(blob, temporary));
            }
        }

        SetNewest(file);
        return path;
    }

    /// <summary>Makes a file's commit the newest of its branch; writes nothing where it is.</summary>
    public void SetNewest(HubFile file)
    {
        if (cache.Newest(file.Repository) != file.Commit)
        {
            string reference = cache.Reference(file.Repository);
            Directory.CreateDirectory(Path.GetDirectoryName(reference)!);
            Replace(reference, temporary => File.WriteAllText(temporary, file.Commit));
        }
    }

    /// <summary>Deletes what is meant in every commit, the bytes nobody else links to, and what an unfinished download of
    /// it left. What another tool left tells no name: it goes when nothing else of the repository is left.</summary>
    /// <returns>The files that are gone, and how many bytes that frees.</returns>
    public (IReadOnlyList<CachedFile> Files, long Bytes) Remove(ModelReference reference)
    {
        CachedFile[] all = [.. cache.Files(reference.Repository)];
        CachedFile[] removed =
        [
            .. all.GroupBy(file => file.Commit).SelectMany(
                files => files.Where(file => file.Name == reference.Choose(files.Select(f => f.Name), isAll: true))),
        ];
        string[] blobs = [.. removed.Select(file => HubCache.Target(file.Path).FullName).Distinct()];
        long bytes = 0;
        foreach (CachedFile file in removed)
        {
            File.Delete(file.Path);
        }

        HashSet<string> inUse = [.. all.Except(removed).Select(file => HubCache.Target(file.Path).FullName)];
        foreach (string blob in blobs.Where(blob => !inUse.Contains(blob)))
        {
            FileInfo info = new(blob);
            bytes += info.Exists ? info.Length : removed.First(file => file.Path == blob).Bytes;
            info.Delete();
        }

        bytes += RemovePartials(reference, [.. all.Select(file => file.Name)]);
        RemoveEmptyFolders(reference.Repository);
        return (removed, bytes);
    }

    private long RemovePartials(ModelReference reference, string[] cached)
    {
        long bytes = 0;
        FileInfo[] partials = [.. cache.Partials(reference.Repository)];
        bool isOnly = cached.Length == 0 && partials.Length == 1;
        foreach (FileInfo partial in partials)
        {
            // Somebody may be at it.
            string id = partial.Name[..partial.Name.IndexOf('.', StringComparison.Ordinal)];
            using FileLock? own = FileLock.TryTake(cache.Lock(reference.Repository, id));
            if (own is null)
            {
                continue;
            }

            bool isMeant = PartialFile.NameOf(partial.FullName) is { } name
                ? reference.Choose([.. cached, name], isOnly) == name
                : IsEmpty(cache.SnapshotFolder(reference.Repository));
            if (isMeant)
            {
                bytes += partial.Length;
                partial.Delete();
            }
        }

        return bytes;
    }

    private bool TryLink(string path, string target)
    {
        try
        {
            CreateLink?.Invoke(path, target);
            return CreateLink is not null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            return false;
        }
    }

    /// <summary>Commits without files go, and the repository's folder when no commit is left and nobody fetches.</summary>
    private void RemoveEmptyFolders(string repository)
    {
        string snapshots = cache.SnapshotFolder(repository);
        if (Directory.Exists(snapshots))
        {
            foreach (string snapshot in Directory.GetDirectories(snapshots).Where(IsEmpty))
            {
                Directory.Delete(snapshot, recursive: true);
            }
        }

        if (Directory.Exists(cache.Folder(repository)) && IsEmpty(snapshots) && !cache.Partials(repository).Any())
        {
            Directory.Delete(cache.Folder(repository), recursive: true);
        }
    }

    private static bool IsEmpty(string folder) =>
        !Directory.Exists(folder) || !Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Any();

    /// <summary>Writes a file beside its place and renames it there.</summary>
    private static void Replace(string path, Action<string> write)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        write(temporary);
        File.Move(temporary, path, overwrite: true);
    }
}
