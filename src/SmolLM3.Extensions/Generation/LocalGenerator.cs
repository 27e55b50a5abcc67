using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SmolLM3.Extensions.Telemetry;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;

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
    private readonly Thread _thread;
    private Exception? _damage;
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
        _thread = new Thread(Run) { IsBackground = true, Name = "SmolLM3 generation" };
        _thread.UnsafeStart();
    }

    /// <inheritdoc cref="RequestIntake.ThrowIfFull"/>
    public void ThrowIfFull() => _loop.ThrowIfFull();

    /// <summary>What it is at.</summary>
    public GeneratorLoad Load => _loop.Load;

    /// <inheritdoc/>
    public IAsyncEnumerable<GeneratedToken> GenerateAsync(
        GenerationRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ObjectDisposedException.ThrowIf(_stopping, this);
        request.Validate(_vocabularySize, _loop.ContextLength);
        return StreamAsync(request, state: null, cancellationToken);
    }

    /// <summary>Computes a prefix, as far as it is not known, and writes its keys and values. It stays known.</summary>
    /// <param name="tokens">Token ids of the prefix, at least one and fewer than the context holds.</param>
    /// <param name="adapters">The adapters it is computed with.</param>
    /// <param name="state">Where to, all at once: a stream in memory. When this fails or is cancelled, it may be
    /// written to for a while yet.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <inheritdoc cref="IGenerator.GenerateAsync" path="/exception"/>
    public async Task SavePrefixAsync(
        IReadOnlyList<int> tokens,
        AdapterSet adapters,
        Stream state,
        CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_stopping, this);
        GenerationRequest request = new()
        {
            PromptTokens = tokens, Sampling = new() { Temperature = 0, Seed = 0 }, StopTokens = [], MaxTokens = 1,
            Adapters = adapters,
        };
        request.Validate(_vocabularySize, _loop.ContextLength);
        await foreach (GeneratedToken _ in StreamAsync(request, state, cancellationToken).ConfigureAwait(false))
        {
        }
    }

    /// <summary>Puts back what <see cref="SavePrefixAsync"/> wrote: requests that begin so find it.</summary>
    /// <param name="tokens">Token ids of the prefix; not changed afterwards.</param>
    /// <param name="adapters">The adapters it was computed with.</param>
    /// <param name="state">What was written for them, all of it in memory.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False when the requests in flight leave no room for it.</returns>
    /// <exception cref="InvalidDataException">The engine cannot read it.</exception>
    /// <exception cref="ObjectDisposedException">The generator is disposed.</exception>
    public Task<bool> RestorePrefixAsync(
        List<int> tokens, AdapterSet adapters, Stream state, CancellationToken cancellationToken = default) =>
        DoAsync((_, prefixes) => prefixes.TryRestore(tokens, adapters, state), cancellationToken)
            .WaitAsync(cancellationToken);

    /// <summary>Loads an adapter.</summary>
    /// <param name="file">The adapter; it stays open until the task has ended.</param>
    /// <param name="cancellationToken">Ends it while it waits for its turn.</param>
    /// <returns>The engine's handle.</returns>
    /// <inheritdoc cref="IInferenceEngine.LoadAdapter" path="/exception"/>
    /// <exception cref="ObjectDisposedException">The generator is disposed.</exception>
    public Task<int> LoadAdapterAsync(GgufFile file, CancellationToken cancellationToken) =>
        DoAsync((engine, _) => engine.LoadAdapter(file), cancellationToken);

    /// <summary>Unloads an adapter that no request uses, and drops the prefixes it computed.</summary>
    /// <exception cref="ObjectDisposedException">The generator is disposed.</exception>
    public Task UnloadAdapterAsync(int adapter) => DoAsync(
        (engine, prefixes) =>
        {
            prefixes.Evict(adapter);
            engine.UnloadAdapter(adapter);
            return true;
        },
        CancellationToken.None);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">It is called by a logger, listener or constraint from the very thread
    /// it would wait for.</exception>
    public async ValueTask DisposeAsync()
    {
        if (Thread.CurrentThread == _thread)
        {
            throw new InvalidOperationException(
                "A chat client cannot be disposed from within a logger, listener or constraint of its own requests.");
        }

        _stopping = true;
        _wake.Set();
        await _ended.Task.ConfigureAwait(false);
    }

    private Task<T> DoAsync<T>(Func<IInferenceEngine, PrefixCache, T> work, CancellationToken cancellationToken)
    {
        LoopWork<T> queued = new(work, cancellationToken);
        _loop.Submit(queued);
        _wake.Set();
        return queued.Ended;
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
            End();
        }
    }

    private void End()
    {
        if (_damage is { } damage)
        {
            _ended.SetException(damage);
        }
        else
        {
            _ended.SetResult();
        }
    }

    // Debug builds say at disposal that the books were wrong, so that the test fails that did it.
    [Conditional("DEBUG")]
    private void CheckIntegrity()
    {
        try
        {
            _loop.CheckIntegrity();
        }
        catch (Exception error)
        {
            _damage ??= error;
            _logger.BooksDisagree(error);
        }
    }
}
