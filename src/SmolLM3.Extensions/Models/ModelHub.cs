using Microsoft.Extensions.Logging;

namespace SmolLM3.Extensions.Models;

/// <summary>Models by their names: found in the cache, or fetched into it. Safe for concurrent use, by several processes
/// too.</summary>
internal sealed class ModelHub(HubSettings settings, ILogger logger)
{
    private static readonly TimeSpan s_lockPause = TimeSpan.FromSeconds(0.5);

    private readonly HubCache _cache = new(settings.Cache);

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
        HubListing listing = await new Retries(settings, logger).RunAsync(
            () => client.ListAsync(model, cancellationToken), static () => 0, cancellationToken).ConfigureAwait(false);
        HubFile file = listing.Choose(model);
        DownloadMeter meter = new(file, progress, logger, settings.Time);
        try
        {
            using FileLock own = await LockAsync(file, meter, cancellationToken).ConfigureAwait(false);
            string path = IsHere(file) ?? await FetchAsync(client, file, meter, cancellationToken).ConfigureAwait(false);
            meter.Report(ModelDownloadStage.Done, file.Bytes);
            return path;
        }
        catch (IOException e) when (FreeDisk.IsFull(e))
        {
            throw ModelDownloadException.NoRoom(settings.Cache, file.Bytes, settings.FreeBytes(settings.Cache), e);
        }
    }

    /// <summary>The file's path where its bytes are in the cache, maybe of an earlier commit; else null.</summary>
    private string? IsHere(HubFile file)
    {
        CacheWriter writer = new(_cache);
        string path = _cache.Snapshot(file.Repository, file.Commit, file.Name);
        return HubCache.Target(path) is { Exists: true } here && here.Length == file.Bytes ? path
            : new FileInfo(_cache.Blob(file.Repository, file.Id)) is { Exists: true } blob && blob.Length == file.Bytes
                ? writer.Place(file, fetched: null)
            : null;
    }

    private async Task<string> FetchAsync(
        HubClient client, HubFile file, DownloadMeter meter, CancellationToken cancellationToken)
    {
        string path = _cache.Partial(file.Repository, file.Id);
        using PartialFile partial = PartialFile.Open(path, file, settings.SegmentBytes);
        RequireRoom(file, partial);
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
        string placed = new CacheWriter(_cache).Place(file, path);
        logger.Placed(meter.Name, placed);
        return placed;
    }

    private void RequireRoom(HubFile file, PartialFile partial)
    {
        long needed = file.Bytes - partial.Received;
        if (settings.FreeBytes(settings.Cache) is { } free && free < needed)
        {
            throw ModelDownloadException.NoRoom(settings.Cache, needed, free);
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
