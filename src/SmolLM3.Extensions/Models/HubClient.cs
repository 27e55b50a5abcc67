using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace SmolLM3.Extensions.Models;

/// <summary>Asks the hub. Safe for concurrent use.</summary>
internal sealed partial class HubClient : IDisposable
{
    private const int MostRedirects = 10;
    private const string LinkedTag = "X-Linked-Etag";
    private const string ErrorCode = "X-Error-Code";
    private const string RateLimit = "RateLimit";

    /// <summary>Room for some fifty thousand files.</summary>
    private const int MostListingBytes = 16 * 1024 * 1024;

    private readonly HubSettings _settings;
    private readonly Uri _endpoint;

    // Redirects are followed here: the token must not follow them to other hosts, and must to another path of the hub's.
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(15),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public HubClient(HubSettings settings)
    {
        _settings = settings;
        _endpoint = Uri.TryCreate(settings.Endpoint, UriKind.Absolute, out Uri? uri) && uri.Scheme is "https" or "http"
            ? uri
            : throw ModelDownloadException.Nonsense($"HF_ENDPOINT is '{settings.Endpoint}', which is no address");
        if (!settings.IsTokenSound)
        {
            throw ModelDownloadException.BadToken();
        }

        _http.DefaultRequestHeaders.UserAgent.Add(new("smollm3-extensions", null));
    }

    /// <summary>The files of a model's repository, and the commit they are of.</summary>
    public async Task<HubListing> ListAsync(ModelReference model, CancellationToken cancellationToken)
    {
        using StallGuard guard = new(_settings, cancellationToken);
        Uri uri = new($"{_settings.Endpoint}/api/models/{model.Repository}/revision/{HubCache.Branch}?blobs=true");
        using HttpResponseMessage response = await guard.RunAsync(token => SendAsync(uri, null, null, token))
            .ConfigureAwait(false);
        ThrowIfRefused(response, model.Repository, () => ModelDownloadException.NoRepository(_settings.Endpoint, model));
        using MemoryStream body = await ReadListingAsync(response, guard).ConfigureAwait(false);
        try
        {
            return JsonSerializer.Deserialize(body, HubJson.Default.HubListing)
                ?? throw ModelDownloadException.Nonsense("its list of files is empty");
        }
        catch (JsonException e)
        {
            throw ModelDownloadException.Nonsense("its list of files is no JSON", e);
        }
    }

    /// <summary>Part of a file, or all of it where the server knows no parts.</summary>
    /// <param name="file">The file.</param>
    /// <param name="range">Its first byte and its last.</param>
    /// <param name="tag">The tag an earlier answer had: where the bytes changed since, all of them come.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The head of the answer; the caller reads the bytes and disposes it.</returns>
    public async Task<HttpResponseMessage> OpenAsync(
        HubFile file, (long First, long Last) range, EntityTagHeaderValue? tag, CancellationToken cancellationToken)
    {
        string name = string.Join('/', file.Name.Split('/').Select(Uri.EscapeDataString));
        Uri uri = new($"{_settings.Endpoint}/{file.Repository}/resolve/{file.Commit}/{name}");
        HttpResponseMessage response = await SendAsync(
            uri,
            request =>
            {
                request.Headers.Range = new(range.First, range.Last);
                request.Headers.IfRange = tag is { IsWeak: false } ? new(tag) : null;
            },
            file.Id,
            cancellationToken).ConfigureAwait(false);
        try
        {
            ThrowIfRefused(response, file.Repository, () => ModelDownloadException.Nonsense(
                $"it lists {file.Name}, but does not have it"));
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    public void Dispose() => _http.Dispose();

    private static async Task<MemoryStream> ReadListingAsync(HttpResponseMessage response, StallGuard guard)
    {
        Stream stream = await guard.RunAsync(token => response.Content.ReadAsStreamAsync(token)).ConfigureAwait(false);
        MemoryStream body = new();
        byte[] buffer = new byte[64 * 1024];
        for (int read = 1; read > 0;)
        {
            read = await guard.RunAsync(token => stream.ReadAsync(buffer, token).AsTask()).ConfigureAwait(false);
            body.Write(buffer, 0, read);
            if (body.Length > MostListingBytes)
            {
                throw ModelDownloadException.Nonsense($"its list of files is longer than {MostListingBytes:N0} bytes");
            }
        }

        body.Position = 0;
        return body;
    }

    private async Task<HttpResponseMessage> SendAsync(
        Uri uri, Action<HttpRequestMessage>? prepare, string? id, CancellationToken cancellationToken)
    {
        for (int i = 0; i <= MostRedirects; i++)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, uri);
            prepare?.Invoke(request);
            if (_settings.Token is { } token && IsHub(uri))
            {
                request.Headers.Authorization = new("Bearer", token);
            }

            HttpResponseMessage response = await _http
                .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            if (response.StatusCode is not (HttpStatusCode.Moved or HttpStatusCode.Redirect or HttpStatusCode.SeeOther
                or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)
                || response.Headers.Location is not { } location)
            {
                return response;
            }

            using (response)
            {
                RequireSame(id, response);
                Uri next = new(uri, location);
                uri = next.Scheme == uri.Scheme || next.Scheme == Uri.UriSchemeHttps
                    ? next
                    : throw ModelDownloadException.Nonsense($"it sends elsewhere by {next.Scheme}, not {uri.Scheme}");
            }
        }

        throw ModelDownloadException.Nonsense("it sends from one place to the next without end");
    }

    /// <summary>What the hub gives now must be what it listed.</summary>
    private static void RequireSame(string? id, HttpResponseMessage response)
    {
        if (id is not null
            && response.Headers.TryGetValues(LinkedTag, out IEnumerable<string>? tags)
            && !tags.First().Replace("W/", "", StringComparison.Ordinal).Trim('"')
                .Equals(id, StringComparison.OrdinalIgnoreCase))
        {
            throw ModelDownloadException.Nonsense("it gives another file than it listed");
        }
    }

    private void ThrowIfRefused(HttpResponseMessage response, string repository, Func<Exception> absent)
    {
        int status = (int)response.StatusCode;
        if (status is 200 or 206)
        {
            return;
        }

        Uri uri = response.RequestMessage!.RequestUri!;
        string code = response.Headers.TryGetValues(ErrorCode, out IEnumerable<string>? codes) ? codes.First() : "";

        // Addresses on other hosts are signed and expire; the hub gives new ones.
        throw (status, IsHub(uri)) switch
        {
            (401 or 403, true) => ModelDownloadException.Denied(
                _settings.Endpoint, repository, isGated: code == "GatedRepo", _settings.Token is not null),
            (404, true) => absent(),
            (408 or 425 or 429 or >= 500, _) or (_, false) =>
                ModelDownloadException.Busy(uri.Host, status, Wait(response)),
            _ => ModelDownloadException.Nonsense($"status {status}"),
        };
    }

    /// <summary>How long the hub wants nothing asked, if it says.</summary>
    private TimeSpan? Wait(HttpResponseMessage response)
    {
        if (response.StatusCode == HttpStatusCode.TooManyRequests
            && response.Headers.TryGetValues(RateLimit, out IEnumerable<string>? values)
            && NothingLeft().Match(string.Join(", ", values)) is { Success: true } match)
        {
            // One more: the seconds are rounded.
            return TimeSpan.FromSeconds(int.Parse(match.Groups["reset"].ValueSpan, CultureInfo.InvariantCulture) + 1);
        }

        RetryConditionHeaderValue? header = response.Headers.RetryAfter;
        return header?.Delta ?? (header?.Date is { } date ? date - _settings.Time.GetUtcNow() : null);
    }

    /// <summary><c>"api";r=0;t=55</c>: nothing remains of a limit, for so many seconds.</summary>
    [GeneratedRegex(
        @";\s*r\s*=\s*0\s*;\s*t\s*=\s*(?<reset>[0-9]{1,9})(?![0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex NothingLeft();

    private bool IsHub(Uri uri) => Uri.Compare(
        uri, _endpoint, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;
}
