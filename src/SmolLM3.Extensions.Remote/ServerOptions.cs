using System.Text;

namespace SmolLM3.Extensions.Remote;

/// <summary>How a client asks servers.</summary>
public sealed record ServerOptions
{
    /// <summary>Name of the model at the server; null: the first one it lists.</summary>
    public string? Model { get; set; }

    /// <summary>Sent as <c>Authorization: Bearer</c>; null: nothing is sent.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Path of a <c>tokenizer.json</c>, as the model's repository on Hugging Face has it. Null: the tokenizer of
    /// the client's model, <see cref="SmolLM3Options.Model"/>, of which nothing else is then read; of a name of the hub
    /// the <c>tokenizer.json</c> alone is downloaded.</summary>
    public string? TokenizerFile { get; set; }

    /// <summary>What the servers are; null: found out by asking them.</summary>
    public ServerKind? Kind { get; set; }

    /// <summary>Longest wait for the first token of an answer, with queue and prompt. Default 2 minutes.</summary>
    public TimeSpan FirstTokenTimeout { get; set; } = ServerDefaults.FirstTokenTimeout;

    /// <summary>Longest wait for a further token. Default 30 seconds.</summary>
    public TimeSpan StallTimeout { get; set; } = ServerDefaults.StallTimeout;

    /// <summary>Longest wait for a connection and for what a server says of itself. Default 10 seconds.</summary>
    public TimeSpan ConnectTimeout { get; set; } = ServerDefaults.ConnectTimeout;

    /// <summary>How often a single server is asked again that could not be reached or answered 408, 429 or 5xx, 0 to 10;
    /// its <c>Retry-After</c> is honoured. Of several servers the next one is asked at once instead. Default 2.</summary>
    public int Retries { get; set; } = ServerDefaults.Retries;

    /// <summary>How long one of several servers is left out that failed, at least half a second. Then the next request
    /// tries it. Default 5 seconds.</summary>
    public TimeSpan EjectionTime { get; set; } = ServerDefaults.EjectionTime;

    /// <summary>Makes what sends requests to one server, for certificates and proxies; null: a
    /// <see cref="SocketsHttpHandler"/>. Clients share a model only when this is the same delegate.</summary>
    public Func<HttpMessageHandler>? CreateHandler { get; set; }

    /// <summary>Checks every value.</summary>
    internal void Check()
    {
        ThrowIfBlank(Model, nameof(Model));
        ThrowIfBlank(ApiKey, nameof(ApiKey));
        ThrowIfBlank(TokenizerFile, nameof(TokenizerFile));
        if (Kind is { } kind && !Enum.IsDefined(kind))
        {
            throw new ArgumentOutOfRangeException(nameof(Kind), kind, "Kind must be a value of its type, or null.");
        }

        ThrowIfShort(FirstTokenTimeout, TimeSpan.Zero, nameof(FirstTokenTimeout));
        ThrowIfShort(StallTimeout, TimeSpan.Zero, nameof(StallTimeout));
        ThrowIfShort(ConnectTimeout, TimeSpan.Zero, nameof(ConnectTimeout));
        ThrowIfShort(EjectionTime, ServerDefaults.LeastEjectionTime, nameof(EjectionTime));
        if (Retries is < 0 or > ServerDefaults.MostRetries)
        {
            throw new ArgumentOutOfRangeException(
                nameof(Retries), Retries, $"Retries must be from 0 to {ServerDefaults.MostRetries}.");
        }
    }

    private static void ThrowIfBlank(string? value, string name)
    {
        if (value is not null)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(value, name);
        }
    }

    private static void ThrowIfShort(TimeSpan value, TimeSpan least, string name)
    {
        if (value < least || value == TimeSpan.Zero || value > ServerDefaults.MostTime)
        {
            throw new ArgumentOutOfRangeException(
                name, value, $"{name} must be more than no time, at least {least} and at most {ServerDefaults.MostTime}.");
        }
    }

    // What a log writes of it: nothing that is secret.
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Kind = ").Append(Kind).Append(", Model = ").Append(Model);
        return true;
    }
}
