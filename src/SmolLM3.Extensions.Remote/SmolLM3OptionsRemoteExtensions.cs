using SmolLM3.Extensions.Remote;

namespace SmolLM3.Extensions;

/// <summary>Runs SmolLM3 on other machines.</summary>
public static class SmolLM3OptionsRemoteExtensions
{
    /// <summary>Has the model run by a server: llama.cpp's <c>llama-server</c>, vLLM or <c>smollm3 serve</c>. Prompts,
    /// reasoning, tool calls and usage stay the client's: the server gets token ids on its completion endpoint.</summary>
    /// <param name="options">The client's options. Of its model only the tokenizer is read, unless
    /// <see cref="ServerOptions.TokenizerFile"/> names one; options of the engine have no effect.</param>
    /// <param name="endpoint">Address of the server, with or without <c>/v1</c>.</param>
    /// <param name="configure">How it is asked; null: what kind it is and what it serves is found out.</param>
    /// <returns>These options.</returns>
    /// <exception cref="ArgumentException">The address is not an absolute http or https address.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public static SmolLM3Options UseServer(
        this SmolLM3Options options, Uri endpoint, Action<ServerOptions>? configure = null) =>
        options.UseServers([endpoint], configure);

    /// <summary>Has the model run by one of several servers of the same model: a conversation stays at one, where its
    /// prompt is cached, as long as that one answers.</summary>
    /// <inheritdoc cref="UseServer"/>
    /// <param name="options">The client's options.</param>
    /// <param name="endpoints">Addresses of the servers. Clients that name the same ones choose alike, in any
    /// order.</param>
    /// <param name="configure">How they are asked.</param>
    /// <exception cref="ArgumentException">There is none, one comes twice, or one is not an absolute http or https
    /// address.</exception>
    public static SmolLM3Options UseServers(
        this SmolLM3Options options, IEnumerable<Uri> endpoints, Action<ServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(endpoints);
        ServerOptions server = new();
        configure?.Invoke(server);
        server.Check();
        return options.UseHost(new RemoteHost(ServerAddresses.From(endpoints), server with { }));
    }
}
