using System.CommandLine;
using System.Net;
using Microsoft.Extensions.Logging;
using SmolLM3.Cli.Serving;

namespace SmolLM3.Cli.Commands;

/// <summary>The options of <c>smollm3 serve</c> that are about serving.</summary>
internal sealed class ServeOptions
{
    /// <summary>The variable with the keys, several by commas.</summary>
    private const string KeyVariable = "SMOLLM3_API_KEY";

    // Some eleven days: timers take no more than 49.
    private const int MostSeconds = 1_000_000;

    private readonly Option<string?> _host = new("--host")
    {
        Description = "Address to listen on; default 127.0.0.1. Others want keys.", HelpName = "ADDRESS",
    };

    private readonly Option<int?> _port =
        Arguments.Count(0, "Port to listen on; 0: any; default 8080.", "--port", "-p");

    private readonly Option<string[]> _keys = Texts(
        "--api-key", "KEY", $"A key that is accepted; may be given again. Safer: {KeyVariable}, which others do not see.");

    private readonly Option<FileInfo?> _keyFile = new("--api-key-file")
    {
        Description = "A file of keys, one a line.", HelpName = "FILE",
    };

    private readonly Option<string[]> _origins =
        Texts("--cors-origin", "ORIGIN", "A web origin whose pages may read answers, or *; default: none.");

    private readonly Option<string[]> _names =
        Texts("--allowed-host", "NAME", "A host name it may be asked by, beside localhost.");

    private readonly Option<int?> _body = Arguments.Count(1, "Most KiB of a request; default 10,240.", "--max-body");

    private readonly Option<int?> _rate =
        Arguments.Count(1, "Requests a minute for each key, or address; default: any.", "--rate-limit");

    private readonly Option<int?> _timeout = Arguments.Count(1, "Most seconds of an answer; default 600.", "--timeout");

    private readonly Option<int?> _shutdown =
        Arguments.Count(0, "Seconds that answers may take to end; default 30.", "--shutdown-timeout");

    private readonly Option<LogLevel?> _log = new("--log-level")
    {
        Description = "What is logged, to standard error; default warning.", HelpName = "LEVEL",
    };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])
            [_host, _port, _keys, _keyFile, _origins, _names, _body, _rate, _timeout, _shutdown, _log])
        {
            command.Options.Add(option);
        }
    }

    /// <exception cref="ArgumentException">The host is no address.</exception>
    public async Task<ServerSettings> ReadAsync(ParseResult result, CancellationToken cancellationToken)
    {
        ServerSettings otherwise = new();
        return new ServerSettings
        {
            Address = ParseAddress(result.GetValue(_host)) ?? otherwise.Address,
            Port = result.GetValue(_port) ?? otherwise.Port,
            ApiKeys = await ReadKeysAsync(result, cancellationToken),
            CorsOrigins = result.GetValue(_origins) ?? [],
            HostNames = result.GetValue(_names) ?? [],
            MaxBodyBytes = result.GetValue(_body) * 1024L ?? otherwise.MaxBodyBytes,
            RequestsPerMinute = result.GetValue(_rate),
            RequestTimeout = Seconds(result.GetValue(_timeout)) ?? otherwise.RequestTimeout,
            ShutdownTimeout = Seconds(result.GetValue(_shutdown)) ?? otherwise.ShutdownTimeout,
            LogLevel = result.GetValue(_log) ?? otherwise.LogLevel,
        };
    }

    private async Task<string[]> ReadKeysAsync(ParseResult result, CancellationToken cancellationToken)
    {
        string[]? inFile = result.GetValue(_keyFile) is { } file
            ? await File.ReadAllLinesAsync(file.FullName, cancellationToken) : null;
        string[]? inVariable = Environment.GetEnvironmentVariable(KeyVariable)?.Split(',');
        return
        [
            .. result.GetValue(_keys) ?? [],
            .. Keys(inFile, "The file of --api-key-file"),
            .. Keys(inVariable, $"The variable {KeyVariable}"),
        ];
    }

    // Who names a place for keys wants them asked for: an empty one, a secret that was not mounted, opens nothing.
    private static string[] Keys(string[]? lines, string place)
    {
        string[] keys = [.. (lines ?? []).Select(key => key.Trim()).Where(key => key.Length > 0)];
        return lines is null || keys.Length > 0 ? keys : throw new ArgumentException($"{place} has no API key.");
    }

    private static TimeSpan? Seconds(int? count) =>
        count is { } seconds ? TimeSpan.FromSeconds(Math.Min(seconds, MostSeconds)) : null;

    private static IPAddress? ParseAddress(string? text) => text switch
    {
        null => null,
        "localhost" => IPAddress.Loopback,
        _ when IPAddress.TryParse(text, out IPAddress? address) => address,
        _ => throw new ArgumentException(
            $"'{text}' is no IP address: --host wants one such as 127.0.0.1, 0.0.0.0 or ::."),
    };

    private static Option<string[]> Texts(string name, string helpName, string description) =>
        new(name) { Description = description, HelpName = helpName };
}
