using System.Net.ServerSentEvents;
using System.Text.Json;
using SmolLM3.Extensions.Generation;

namespace SmolLM3.Extensions.Remote.Servers;

/// <summary>The answer of a server to a <see cref="Segment"/>, as it comes. For one reader; leaving it early ends the
/// request at the server.</summary>
internal sealed class ServerStream : IAsyncDisposable
{
    private const string Done = "[DONE]";

    private readonly IDialect _dialect;
    private readonly HttpResponseMessage _response;
    private readonly IAsyncEnumerator<SseItem<string>> _messages;
    private readonly SilenceTimer _silence;
    private ServerChunk? _first;

    private ServerStream(
        Uri endpoint, IDialect dialect, HttpResponseMessage response, Stream content, SilenceTimer silence)
    {
        (Endpoint, _dialect, _response, _silence) = (endpoint, dialect, response, silence);
        _messages = SseParser.Create(content).EnumerateAsync(silence.Token).GetAsyncEnumerator(silence.Token);
    }

    /// <summary>Whose it is.</summary>
    public Uri Endpoint { get; }

    /// <summary>What came last.</summary>
    public ServerChunk Current { get; private set; } = new();

    /// <summary>Why the server generates no further; null: it still does.</summary>
    public GenerationEnd? End { get; private set; }

    /// <summary>Takes over a response and waits for its first token, or its end: what fails until then may be tried
    /// elsewhere.</summary>
    /// <exception cref="ServerException">It failed.</exception>
    public static async Task<ServerStream> OpenAsync(
        Uri endpoint, IDialect dialect, HttpResponseMessage response, SilenceTimer silence)
    {
        Stream content = await response.Content.ReadAsStreamAsync(silence.Token).ConfigureAwait(false);
        ServerStream stream = new(endpoint, dialect, response, content, silence);
        try
        {
            while (await stream.MoveNextAsync().ConfigureAwait(false))
            {
                if (stream.Current.Tokens.Count > 0 || stream.End is not null)
                {
                    stream._first = stream.Current;
                    break;
                }
            }

            return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Waits for the next message.</summary>
    /// <returns>False when the answer to the segment is complete.</returns>
    /// <exception cref="ServerException">The server failed, fell silent or broke off.</exception>
    public async ValueTask<bool> MoveNextAsync()
    {
        if (_first is { } first)
        {
            (Current, _first) = (first, null);
            return true;
        }

        try
        {
            if (!await _messages.MoveNextAsync().ConfigureAwait(false) || _messages.Current.Data == Done)
            {
                return End is not null ? false : throw ServerErrors.Cut(Endpoint);
            }

            JsonElement message = JsonElement.Parse(_messages.Current.Data);
            Current = ServerErrors.FromMessage(Endpoint, message) is { } error ? throw error : _dialect.Read(message);
            if (Current.Tokens.Count > 0 || Current.End is not null || End is not null)
            {
                _silence.Restart();
            }
        }
        catch (OperationCanceledException) when (_silence.IsOver)
        {
            throw _silence.ToException(Endpoint);
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            throw ServerErrors.Unreachable(Endpoint, error);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException
            or FormatException or IndexOutOfRangeException)
        {
            throw ServerErrors.Unreadable(Endpoint, error);
        }

        End = Current.End ?? End;
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        // The response first: a read in progress must not be waited for.
        _response.Dispose();
        try
        {
            await _messages.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _silence.Dispose();
        }
    }
}
