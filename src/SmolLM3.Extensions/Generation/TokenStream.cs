using System.Threading.Channels;

namespace SmolLM3.Extensions.Generation;

/// <summary>The way of one request's tokens from the loop thread to whoever reads them. Unbounded: the loop never waits
/// for a slow reader, and the request's token limit bounds what can pile up.</summary>
/// <param name="cancellationToken">Ends the request.</param>
internal sealed class TokenStream(CancellationToken cancellationToken)
{
    private readonly Channel<GeneratedToken> _tokens = Channel.CreateUnbounded<GeneratedToken>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private volatile bool _abandoned;

    /// <summary>Where the keys and values of the prompt are written when the request has ended well, before its reader
    /// sees the end; null: nowhere. The loop thread writes: it must not wait for anything.</summary>
    public Stream? State { get; init; }

    /// <summary>Whether the request was given up.</summary>
    public bool IsCancelled => cancellationToken.IsCancellationRequested;

    /// <summary>Whether nobody reads on.</summary>
    public bool IsAbandoned => _abandoned;

    /// <summary>What its reader gets to see at the end, once it is complete.</summary>
    public Exception? Error { get; private set; }

    /// <summary>Delivers a token. Loop thread only.</summary>
    public void Write(GeneratedToken token) => _tokens.Writer.TryWrite(token);

    /// <summary>Ends the stream after what was written to it. Loop thread only.</summary>
    /// <param name="error">What its reader gets to see at the end; null: nothing.</param>
    /// <returns>False when it had ended already.</returns>
    public bool Complete(Exception? error)
    {
        Error ??= error;
        return _tokens.Writer.TryComplete(error);
    }

    /// <summary>Takes a token that is there, unless the request is cancelled. Reader only.</summary>
    public bool TryRead(out GeneratedToken token)
    {
        token = default;
        return !cancellationToken.IsCancellationRequested && _tokens.Reader.TryRead(out token);
    }

    /// <summary>Waits for a token. Reader only.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="OperationCanceledException">The request is cancelled.</exception>
    public ValueTask<bool> WaitAsync() => _tokens.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>Says that nobody reads on: the reader has what it wanted, such as a stop sequence. Reader only.</summary>
    public void Abandon() => _abandoned = true;
}
