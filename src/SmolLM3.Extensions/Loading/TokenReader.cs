using SmolLM3.Extensions.Generation;

namespace SmolLM3.Extensions.Loading;

/// <summary>Reads the tokens of a request; a cancellation arrives as what it means.</summary>
internal sealed class TokenReader(IAsyncEnumerator<GeneratedToken> tokens, RequestScope scope) : IAsyncDisposable
{
    public GeneratedToken Current => tokens.Current;

    public async ValueTask<bool> MoveNextAsync()
    {
        try
        {
            return await tokens.MoveNextAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException exception)
        {
            throw scope.Translate(exception);
        }
    }

    public ValueTask DisposeAsync() => tokens.DisposeAsync();
}
