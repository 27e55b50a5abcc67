using SmolLM3.Extensions.Generation;

namespace SmolLM3.Extensions.Tests.Generation;

/// <summary>A request in a <see cref="LoopHarness"/> and what came of it.</summary>
internal sealed class Answer
{
    private readonly CancellationTokenSource _cancellation = new();
    private readonly List<GeneratedToken> _tokens = [];

    public Answer(GenerationRequest request, Stream? state = null)
    {
        Request = request;
        Stream = new TokenStream(_cancellation.Token) { State = state };
    }

    public GenerationRequest Request { get; }

    public TokenStream Stream { get; }

    /// <summary>Everything delivered so far.</summary>
    public IReadOnlyList<GeneratedToken> Tokens
    {
        get
        {
            while (Stream.TryRead(out GeneratedToken token))
            {
                _tokens.Add(token);
            }

            return _tokens;
        }
    }

    public IEnumerable<int> Ids => Tokens.Select(token => token.Id);

    public GenerationEnd? End => Tokens.Count > 0 ? Tokens[^1].End : null;

    /// <summary>Whether the stream ended, well or badly, with everything read.</summary>
    public bool IsOver
    {
        get
        {
            _ = Tokens;
            ValueTask<bool> wait = Stream.WaitAsync();
            return wait.IsCompleted && (!wait.IsCompletedSuccessfully || !wait.Result);
        }
    }

    /// <summary>What the reader gets to see at the end.</summary>
    public Exception? Error
    {
        get
        {
            _ = Tokens;
            return Record.Exception(() => Assert.False(Stream.WaitAsync().AsTask().GetAwaiter().GetResult()));
        }
    }

    public void Cancel() => _cancellation.Cancel();
}
