using SmolLM3.Extensions.Loading;
using SmolLM3.TinyModel;

namespace SmolLM3.Extensions.Remote.Tests.StandIns;

/// <summary>The tiny model in this process, on which the stand-ins of servers run.</summary>
public sealed class TinyGenerator : IAsyncLifetime
{
    private readonly SmolLM3ChatClient _client = new(new SmolLM3Options { ContextLength = 2048 }.UseTinyModel());

    internal LoadedModel Model => _client.Loading!.Result;

    /// <summary>The same model as a client of its own: what the answers of servers are compared with.</summary>
    public SmolLM3ChatClient Local => _client;

    public async ValueTask InitializeAsync() => await _client.LoadAsync();

    public ValueTask DisposeAsync() => _client.DisposeAsync();
}
