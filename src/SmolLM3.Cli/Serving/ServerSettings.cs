using System.Net;
using Microsoft.Extensions.Logging;

namespace SmolLM3.Cli.Serving;

/// <summary>Where the server listens, whom it answers, and how much it takes.</summary>
internal sealed record ServerSettings
{
    /// <summary>Address it listens on. Default 127.0.0.1.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Port it listens on; 0: any that is free.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>Keys of which a request must have one; none: everyone is answered, which loopback alone allows.</summary>
    public IReadOnlyList<string> ApiKeys { get; init; } = [];

    /// <summary>Web origins whose pages may read answers; <c>*</c>: all. Default none.</summary>
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    /// <summary>Names under which it may be asked, beside those of loopback; behind a proxy, for example.</summary>
    public IReadOnlyList<string> HostNames { get; init; } = [];

    /// <summary>Most bytes of a request's body. Default 10 MiB: 128k tokens of any language, and images of none.</summary>
    public long MaxBodyBytes { get; init; } = 10 << 20;

    /// <summary>Requests a minute that one key, or one address where there are no keys, may make; null: any.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>How long a request's body may take to come. Default 1 minute: a bound on bytes a second alone would let a
    /// large one take hours.</summary>
    public TimeSpan BodyTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Most time from when a request is queued to the end of its answer. Default 10 minutes, as long as OpenAI's
    /// clients wait.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long answers may go on once the server is to end. Default 30 seconds.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>From which level on it logs, to standard error.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Warning;

    /// <summary>Throws where it would be unsafe or impossible.</summary>
    /// <exception cref="ArgumentException">It would.</exception>
    public void Validate()
    {
        if (!IPAddress.IsLoopback(Address) && ApiKeys.Count == 0)
        {
            throw new ArgumentException(
                $"{Address} can be reached from other machines, so a key is required: set --api-key, --api-key-file or "
                + "SMOLLM3_API_KEY, or listen on 127.0.0.1.");
        }

        if (HostNames.Contains("*") && ApiKeys.Count == 0)
        {
            throw new ArgumentException(
                "With --allowed-host * every web page could reach the server under a name of its own, so a key is required: "
                + "set --api-key, --api-key-file or SMOLLM3_API_KEY, or name the hosts.");
        }

        if (ApiKeys.Any(string.IsNullOrWhiteSpace))
        {
            throw new ArgumentException("An API key is empty.");
        }

        if (Port is < 0 or > ushort.MaxValue)
        {
            throw new ArgumentException($"--port takes 0 to {ushort.MaxValue}; {Port} is none.");
        }

        foreach (string origin in CorsOrigins.Where(origin => origin != "*" && !IsOrigin(origin)))
        {
            throw new ArgumentException($"'{origin}' is no web origin: --cors-origin wants https://app.example.com, or *.");
        }
    }

    private static bool IsOrigin(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) && (uri.Scheme is "http" or "https")
        && uri.GetLeftPart(UriPartial.Authority) == origin;
}
