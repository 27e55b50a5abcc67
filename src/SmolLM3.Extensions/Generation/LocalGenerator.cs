using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SmolLM3.Extensions.Telemetry;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Generation;

/// <summary>
/// Generates on an engine in this process: one thread of its own runs all requests in common steps, and sleeps when
/// there are none.
/// </summary>
/// <remarks>Disposing it ends the requests in flight, waits for the step in progress and empties the engine's
/// sequences. The engine belongs to whoever made it, who disposes it afterwards.</remarks>
internal sealed class LocalGenerator : IGenerator
{
    private readonly GenerationLoop _loop;
    private readonly ILogger _logger;
    private readonly string _model;
    private readonly Random _seeds;
    private readonly int _vocabularySize;
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _stopping;

    /// <summary>Takes over an engine whose sequences are all empty; nobody else may touch it from now on.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="logger">Gets numbers, never text.</param>
    /// <param name="options">How the engine is shared out.</param>
    /// <param name="seeds">Where seeds come from that a request leaves open; thread-safe. Null:
    /// <see cref="Random.Shared"/>.</param>
    public LocalGenerator(
        IInferenceEngine engine, ILogger? logger = null, GenerationOptions? options = null, Random? seeds = null)
    {
        _logger = logger ?? NullLogger.Instance;
        _seeds = seeds ?? Random.Shared;
        _vocabularySize = engine.Model.VocabularySize;
        _model = options?.ModelName ?? "";
        _loop = new GenerationLoop(engine, _logger, options);
        new Thread(Run) { IsBackground = true, Name = "SmolLM3 generation" }.UnsafeStart();
    }

    /// <summary>What it is at.</summary>
    public GeneratorLoad Load => _loop.Load;

    /// <inheritdoc/>
    public IAsyncEnumerable<GeneratedToken> GenerateAsync(
        GenerationRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ObjectDisposedException.ThrowIf(_stopping, this);
        Validate(request);
        return StreamAsync(request, state: null, cancellationToken);
    }

    /// <summary>Computes a prefix, as far as it is not known, and writes its keys and values. It stays known.</summary>
    /// <param name="tokens">Token ids of the prefix, at least one and fewer than the context holds.</param>
    /// <param name="state">Where to, all at once: a stream in memory. When this fails or is cancelled, it may be
    /// written to for a while yet.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <inheritdoc cref="IGenerator.GenerateAsync" path="/exception"/>
    public async Task SavePrefixAsync(
        IReadOnlyList<int> tokens, Stream state, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_stopping, this);
        GenerationRequest request = new()
        {
            PromptTokens = tokens, Sampling = new() { Temperature = 0, Seed = 0 }, StopTokens = [], MaxTokens = 1,
        };
        Validate(request);
        await foreach (GeneratedToken _ in StreamAsync(request, state, cancellationToken).ConfigureAwait(false))
        {
        }
    }

    /// <summary>Puts back what <see cref="SavePrefixAsync"/> wrote: requests that begin so find it.</summary>
    /// <param name="tokens">Token ids of the prefix; not changed afterwards.</param>
    /// <param name="state">What was written for them, all of it in memory.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False when the requests in flight leave no room for it.</returns>
    /// <exception cref="InvalidDataException">The engine cannot read it.</exception>
    /// <exception cref="ObjectDisposedException">The generator is disposed.</exception>
    public async Task<bool> RestorePrefixAsync(
        List<int> tokens, Stream state, CancellationToken cancellationToken = default)
    {
        PrefixRestore restore = new(tokens, state, cancellationToken);
        _loop.Submit(restore);
        _wake.Set();
        return await restore.Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        _wake.Set();
        await _ended.Task.ConfigureAwait(false);
    }

    private async IAsyncEnumerable<GeneratedToken> StreamAsync(
        GenerationRequest request, Stream? state, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using RequestActivity activity = RequestActivity.Start(_model, request.PromptTokens.Count);
        var stream = new TokenStream(cancellationToken) { State = state };
        Submit(request, stream, activity);
        try
        {
            while (await stream.WaitAsync().ConfigureAwait(false))
            {
                while (stream.TryRead(out GeneratedToken token))
                {
                    activity.Add(token);
                    yield return token;
                }
            }
        }
        finally
        {
            stream.Abandon();
            activity.End(stream.Error, cancellationToken);
        }
    }

    private void Submit(GenerationRequest request, TokenStream stream, RequestActivity activity)
    {
        try
        {
            _loop.Submit(request, request.Sampling.Seed ?? _seeds.NextInt64(), stream);
        }
        catch (Exception error)
        {
            activity.End(error, CancellationToken.None);
            throw;
        }

        _wake.Set();
    }

    private void Validate(GenerationRequest request)
    {
        request.Sampling.Validate(_vocabularySize);
        ArgumentOutOfRangeException.ThrowIfLessThan(request.MaxTokens ?? 1, 1, nameof(request.MaxTokens));
        ArgumentOutOfRangeException.ThrowIfLessThan(
            request.Timeout ?? TimeSpan.MaxValue, TimeSpan.Zero, nameof(request.Timeout));
        if (request.PromptTokens.Count == 0)
        {
            throw new ArgumentException("The prompt is empty; there is nothing to go on from.", nameof(request));
        }

        foreach (int token in request.PromptTokens)
        {
            if ((uint)token >= (uint)_vocabularySize)
            {
                throw new ArgumentException(
                    $"The prompt's token {token} is outside the vocabulary of {_vocabularySize}.", nameof(request));
            }
        }

        if (request.PromptTokens.Count >= _loop.ContextLength)
        {
            throw new PromptTooLongException(request.PromptTokens.Count, _loop.ContextLength);
        }
    }

    private void Run()
    {
        while (!_stopping)
        {
            try
            {
                if (!_loop.Step())
                {
                    CheckIntegrity();
                    _wake.WaitOne();
                }
            }
            catch (Exception error)
            {
                // The engine failed where no single request can be blamed. Later ones get their chance.
                _loop.Abort(error);
            }
        }

        try
        {
            _loop.Close();
        }
        finally
        {
            _ended.SetResult();
        }
    }

    [Conditional("DEBUG")]
    private void CheckIntegrity()
    {
        try
        {
            _loop.CheckIntegrity();
        }
        catch (Exception error)
        {
            _logger.BooksDisagree(error);
        }
    }
}
