using Microsoft.Extensions.Logging;

namespace SmolLM3.Extensions.Models;

/// <summary>Models by their names: found in the cache, or fetched into it. Safe for concurrent use, by several processes
/// too.</summary>
internal sealed class ModelHub(HubSettings settings, ILogger logger)
{
    private static readonly TimeSpan s_lockPause = TimeSpan.FromSeconds(0.5);

    private readonly HubCache _cache = new(settings.Cache);

    private CacheWriter Writer => settings.MayLink ? new(_cache) : new(_cache) { CreateLink = null };

    /// <summary>The path of a model's file.</summary>
    /// <param name="model">The model.</param>
    /// <param name="mayDownload">Whether it is fetched where it is not here.</param>
    /// <param name="isNewest">Whether the hub is asked for a newer one than what is here.</param>
    /// <param name="progress">Told how far the download is, from any thread.</param>
    /// <param name="cancellationToken">Ends it; what came is kept.</param>
    /// <exception cref="ModelDownloadException">It is not here and could not be fetched.</exception>
    public async Task<string> GetAsync(
        ModelReference model,
        bool mayDownload,
        bool isNewest,
        IProgress<ModelDownloadProgress>? progress,
        CancellationToken cancellationToken)
    {
        try
        {
            return await FindOrFetchAsync(model, mayDownload, isNewest, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException and not ModelDownloadException)
        {
            throw ModelDownloadException.NoCache(settings.Cache, e);
        }
    }

    private async Task<string> FindOrFetchAsync(
        ModelReference model,
        bool mayDownload,
        bool isNewest,
        IProgress<ModelDownloadProgress>? progress,
        CancellationToken cancellationToken)
    {
        bool asks = mayDownload && !settings.IsOffline;
        if (!(asks && isNewest) && _cache.Find(model, isAll: !asks) is { } found)
        {
            return found.Path;
        }

        if (!asks)
        {
            throw ModelDownloadException.Offline(
                model, settings.IsOffline, _cache.Files(model.Repository).Select(file => file.Name));
        }

        using HubClient client = new(settings);
        HubListing listing = await new Retries(settings, logger, static () => 0).RunAsync(
            () => client.ListAsync(model, cancellationToken), cancellationToken).ConfigureAwait(false);
        HubFile file = listing.Choose(model);
        DownloadMeter meter = new(file, progress, logger, settings.Time);
        string? path = WhereWhole(file);
        if (path is null)
        {
            path = await PlaceAsync(client, file, meter, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            TrySetNewest(file);
        }

        meter.Report(ModelDownloadStage.Done, file.Bytes);
        return path;
    }

    private async Task<string> PlaceAsync(
        HubClient client, HubFile file, DownloadMeter meter, CancellationToken cancellationToken)
    {
        try
        {
            using FileLock own = await LockAsync(file, meter, cancellationToken).ConfigureAwait(false);
            return WhereWhole(file)
                ?? (IsWhole(new(_cache.Blob(file.Repository, file.Id)), file)
                    ? Writer.Place(file, fetched: null)
                    : await FetchAsync(client, file, meter, cancellationToken).ConfigureAwait(false));
        }
        catch (IOException e) when (FreeDisk.IsFull(e))
        {
            throw ModelDownloadException.NoRoom(settings.Cache, file.Bytes, settings.FreeBytes(settings.Cache), e);
        }
    }

    /// <summary>The file's path where it is in its place; else null.</summary>
    private string? WhereWhole(HubFile file)
    {
        string path = _cache.Snapshot(file.Repository, file.Commit, file.Name);
        return IsWhole(HubCache.Target(path), file) ? path : null;
    }

    private static bool IsWhole(FileInfo here, HubFile file) => here.Exists && here.Length == file.Bytes;

    private void TrySetNewest(HubFile file)
    {
        try
        {
            Writer.SetNewest(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file is here, and the cache may be one that only others write.
        }
    }

    private async Task<string> FetchAsync(
        HubClient client, HubFile file, DownloadMeter meter, CancellationToken cancellationToken)
    {
        string path = _cache.Partial(file.Repository, file.Id);
        using PartialFile partial = PartialFile.Open(path, file, settings.SegmentBytes, () => RequireRoom(file));
        logger.Downloading(meter.Name, settings.Endpoint, file.Bytes, partial.Received);
        await new FileDownload(client, settings, file, partial, meter, logger).RunAsync(cancellationToken)
            .ConfigureAwait(false);
        if (!partial.IsRight(bytes => meter.Report(ModelDownloadStage.Verifying, bytes), cancellationToken))
        {
            // Nothing tells which bytes are wrong.
            partial.Drop();
            throw ModelDownloadException.Damaged(file);
        }

        partial.Finish();
        string placed = Writer.Place(file, path);
        logger.Placed(meter.Name, placed);
        return placed;
    }

    private void RequireRoom(HubFile file)
    {
        if (settings.FreeBytes(settings.Cache) is { } free && free < file.Bytes)
        {
            throw ModelDownloadException.NoRoom(settings.Cache, file.Bytes, free);
        }
    }

    private async Task<FileLock> LockAsync(HubFile file, DownloadMeter meter, CancellationToken cancellationToken)
    {
        string path = _cache.Lock(file.Repository, file.Id);
        if (FileLock.TryTake(path) is { } free)
        {
            return free;
        }

        logger.WaitingForOther(meter.Name);
        while (true)
        {
            meter.Report(ModelDownloadStage.Waiting, 0);
            await Task.Delay(s_lockPause, settings.Time, cancellationToken).ConfigureAwait(false);
            if (FileLock.TryTake(path) is { } own)
            {
                return own;
            }
        }
    }
}
