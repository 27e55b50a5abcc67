using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;

namespace SmolLM3.Extensions.Models;

/// <summary>Fetches one file into a <see cref="PartialFile"/>, over several connections where the server gives
/// parts.</summary>
internal sealed class FileDownload(
    HubClient client, HubSettings settings, HubFile file, PartialFile partial, DownloadMeter meter, ILogger logger)
{
    private const int BufferBytes = 128 * 1024;

    private readonly Retries _retries = new(settings, logger, () => partial.Received);

    private EntityTagHeaderValue? _tag;
    private volatile bool _gaveParts;

    /// <summary>Fetches what is missing.</summary>
    /// <exception cref="ModelDownloadException">It could not be fetched; what came is kept.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        meter.Report(ModelDownloadStage.Downloading, partial.Received);
        while (Missing() is { Length: > 0 } missing)
        {
            await FetchAllAsync(missing, cancellationToken).ConfigureAwait(false);
        }
    }

    private int[] Missing() => [.. Enumerable.Range(0, partial.Segments).Where(IsMissing)];

    private bool IsMissing(int segment) => partial.Missing(segment) is var (from, end) && from < end;

    private async Task FetchAllAsync(int[] segments, CancellationToken cancellationToken)
    {
        ParallelOptions options = new()
        {
            MaxDegreeOfParallelism = settings.Connections, CancellationToken = cancellationToken,
        };
        TaskCompletionSource<bool> givesParts = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await Parallel.ForEachAsync(segments, options, async (segment, token) =>
        {
            // The first connection finds out whether others are of use.
            if (segment == segments[0] || await givesParts.Task.WaitAsync(token).ConfigureAwait(false))
            {
                await _retries.RunAsync(() => FetchAsync(segment, givesParts, token), token).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
    }

    /// <summary>One answer: the rest of a segment, or the whole file from a server that gives no parts.</summary>
    private async Task<bool> FetchAsync(
        int segment, TaskCompletionSource<bool> givesParts, CancellationToken cancellationToken)
    {
        (long from, long end) = partial.Missing(segment);
        if (from == end)
        {
            // A whole file that was cut behind this segment.
            return false;
        }

        using StallGuard guard = new(settings, cancellationToken);
        using HttpResponseMessage response = await guard
            .RunAsync(token => client.OpenAsync(file, (from, end - 1), _tag, token)).ConfigureAwait(false);
        bool isPart = response.StatusCode == HttpStatusCode.PartialContent;
        if (isPart)
        {
            RequireRange(response.Content.Headers.ContentRange, from);
            _gaveParts = true;
            _tag ??= response.Headers.ETag;
        }
        else if (_gaveParts)
        {
            // Others write their segments, and a whole would go over them. The tag may be of what is there no more; the
            // bytes of both are those of one commit, and the checksum tells in the end.
            _tag = null;
            throw ModelDownloadException.Lied("parts of the file came, and now all of it");
        }
        else
        {
            RequireLength(response.Content.Headers.ContentLength);
            (from, end) = (0, file.Bytes);
        }

        givesParts.TrySetResult(isPart);
        Stream stream = await guard.RunAsync(token => response.Content.ReadAsStreamAsync(token)).ConfigureAwait(false);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (from < end)
            {
                int wanted = (int)Math.Min(buffer.Length, end - from);
                int read = await guard.RunAsync(token => stream.ReadAsync(buffer.AsMemory(0, wanted), token).AsTask())
                    .ConfigureAwait(false);
                if (read == 0)
                {
                    throw ModelDownloadException.Lied($"an answer ended {end - from:N0} bytes too early");
                }

                partial.Write(from, buffer.AsSpan(0, read));
                from += read;
                meter.Report(ModelDownloadStage.Downloading, partial.Received);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return isPart;
    }

    private void RequireRange(ContentRangeHeaderValue? range, long from)
    {
        if (range?.From != from || (range.Length is { } length && length != file.Bytes))
        {
            throw ModelDownloadException.Lied(
                $"byte {from:N0} of {file.Bytes:N0} was asked for, and '{range}' came");
        }
    }

    private void RequireLength(long? length)
    {
        if (length is not null && length != file.Bytes)
        {
            throw ModelDownloadException.Lied($"it lists {file.Bytes:N0} bytes, and gives {length:N0}");
        }
    }
}
