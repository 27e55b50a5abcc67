namespace SmolLM3.Extensions.Remote;

/// <summary>The addresses of servers, in one order whoever lists them. Equal by value.</summary>
internal sealed class ServerAddresses : IEquatable<ServerAddresses>
{
    private readonly string _text;

    private ServerAddresses(IReadOnlyList<Uri> all)
    {
        All = all;
        _text = string.Join(' ', all);
    }

    /// <summary>Them, each ending with a slash.</summary>
    public IReadOnlyList<Uri> All { get; }

    /// <summary>Checks and orders addresses.</summary>
    /// <exception cref="ArgumentException">There is none, one comes twice, or one is no http address.</exception>
    public static ServerAddresses From(IEnumerable<Uri> endpoints)
    {
        Uri[] all = [.. endpoints.Select(ToBase).OrderBy(uri => uri.AbsoluteUri, StringComparer.Ordinal)];
        return all.Length == 0
            ? throw new ArgumentException("Name the address of a server at least.", nameof(endpoints))
            : all.Distinct().Count() < all.Length
                ? throw new ArgumentException("A server's address comes twice.", nameof(endpoints))
                : new(all);
    }

    public bool Equals(ServerAddresses? other) => other?._text == _text;

    public override bool Equals(object? obj) => Equals(obj as ServerAddresses);

    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    // OpenAI clients are given the address with /v1; the other endpoints lie beside it.
    private static Uri ToBase(Uri endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        if (!endpoint.IsAbsoluteUri || endpoint.Scheme is not ("http" or "https"))
        {
            throw new ArgumentException(
                $"'{endpoint}' is not the address of a server; it looks like http://localhost:8080.", nameof(endpoint));
        }

        if (endpoint.UserInfo.Length > 0)
        {
            throw new ArgumentException(
                "A server's address holds no name and password, which would stand in logs: set ServerOptions.ApiKey, or send "
                + "them with a handler of your own (CreateHandler).",
                nameof(endpoint));
        }

        string path = endpoint.AbsolutePath.TrimEnd('/');
        path = path.EndsWith("/v1", StringComparison.Ordinal) ? path[..^"/v1".Length] : path;
        return new UriBuilder(endpoint) { Path = path + "/", Query = "", Fragment = "" }.Uri;
    }
}
