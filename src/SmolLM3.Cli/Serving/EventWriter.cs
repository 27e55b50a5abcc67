using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using SmolLM3.Cli.Serving.Errors;

namespace SmolLM3.Cli.Serving;

/// <summary>Writes answers as server-sent events, as they come: chunks, then <c>[DONE]</c>.</summary>
/// <remarks>Until the first chunk an error is a status, as without streaming; later it is an event, and <c>[DONE]</c> stays
/// away. While a long prompt is read, comments keep the connection from looking dead.</remarks>
internal sealed class EventWriter(ErrorMiddleware errors, TimeProvider time)
{
    /// <summary>Longest silence: half a minute is where proxies begin to hang up.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(15);

    private static readonly byte[] s_comment = ":\n\n"u8.ToArray();

    /// <summary>Writes one stream of several that run together.</summary>
    /// <param name="context">The request.</param>
    /// <param name="choices">The streams.</param>
    /// <param name="end">Makes the last chunk of the one before, or null.</param>
    /// <param name="ending">Ends them.</param>
    public async Task WriteAsync(
        HttpContext context,
        IReadOnlyList<IAsyncEnumerable<JsonObject>> choices,
        Func<JsonObject, JsonObject?> end,
        CancellationTokenSource ending)
    {
        Channel<JsonObject> chunks = Channel.CreateBounded<JsonObject>(choices.Count);
        Task reading = ReadAllAsync(choices, chunks.Writer, ending);
        try
        {
            JsonObject? last = null;
            while (await WaitAsync(context, chunks.Reader))
            {
                while (chunks.Reader.TryRead(out JsonObject? chunk))
                {
                    last = chunk;
                    await WriteAsync(context, JsonBody.ToUtf8(chunk));
                }
            }

            if (last is not null && end(last) is { } usage)
            {
                await WriteAsync(context, JsonBody.ToUtf8(usage));
            }

            await WriteAsync(context, "[DONE]"u8.ToArray());
        }
        catch (Exception exception) when (context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            await WriteAsync(context, JsonBody.ToUtf8(errors.ToError(context, exception).ToJson()));
        }
        finally
        {
            await ending.CancelAsync();
            await reading;
        }
    }

    private async Task<bool> WaitAsync(HttpContext context, ChannelReader<JsonObject> chunks)
    {
        Task<bool> next = chunks.WaitToReadAsync(context.RequestAborted).AsTask();
        while (true)
        {
            try
            {
                return await next.WaitAsync(LongestSilence, time);
            }
            catch (TimeoutException)
            {
                if (next.IsCompleted)
                {
                    return await next;
                }

                await SendAsync(context, s_comment);
            }
        }
    }

    // Ends without an exception: the channel hands it on.
    private static async Task ReadAllAsync(
        IReadOnlyList<IAsyncEnumerable<JsonObject>> choices, ChannelWriter<JsonObject> chunks, CancellationTokenSource ending)
    {
        try
        {
            await Choices.AllAsync(choices.Select(choice => ReadAsync(choice, chunks, ending.Token)), ending);
            chunks.Complete();
        }
        catch (Exception exception)
        {
            chunks.Complete(exception);
        }
    }

    private static async Task<bool> ReadAsync(
        IAsyncEnumerable<JsonObject> choice, ChannelWriter<JsonObject> chunks, CancellationToken cancellationToken)
    {
        await foreach (JsonObject chunk in choice)
        {
            await chunks.WriteAsync(chunk, cancellationToken);
        }

        return true;
    }

    private static Task WriteAsync(HttpContext context, byte[] data) =>
        SendAsync(context, [.. "data: "u8, .. data, .. "\n\n"u8]);

    private static async Task SendAsync(HttpContext context, byte[] utf8)
    {
        HttpResponse response = context.Response;
        if (!response.HasStarted)
        {
            // The last is nginx's: it collects answers otherwise.
            response.ContentType = "text/event-stream; charset=utf-8";
            response.Headers.CacheControl = "no-cache, no-transform";
            response.Headers["X-Accel-Buffering"] = "no";
        }

        await response.Body.WriteAsync(utf8, context.RequestAborted);
        await response.Body.FlushAsync(context.RequestAborted);
    }
}
