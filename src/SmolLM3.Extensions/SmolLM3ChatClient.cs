using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Constraints;
using SmolLM3.Extensions.Loading;
using SmolLM3.Extensions.Snapshots;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions;

/// <summary>SmolLM3 as a chat client, computed in this process.</summary>
/// <remarks>
/// <para>Safe for concurrent use: requests are computed together in common steps. The model is loaded by the first
/// request, or by <see cref="LoadAsync"/>; a load that failed is tried again by the next request. Nothing is kept
/// between requests but what makes the next one faster: each sends its whole conversation.</para>
/// <para>Messages, their lists of contents, and options are copied when a method is called and never changed; a content
/// itself is not copied and must stay as it is until the answer begins. Disposing ends the requests in flight with
/// <see cref="ObjectDisposedException"/>; the model's memory is freed with the last of its clients and requests.</para>
/// </remarks>
public sealed class SmolLM3ChatClient : IChatClient, IAsyncDisposable
{
    // Of tools made up for each request not every one is remembered.
    private const int MostSaid = 1_000;

    private readonly SmolLM3Options _options;
    private readonly SharedModel _model;
    private readonly ChatClientMetadata _metadata;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<RelaxedTool, byte> _saidRelaxed = [];
    private readonly CancellationTokenSource _disposing = new();
    private int _isDisposed;

    /// <summary>Makes a client without a service container. The model is not loaded yet.</summary>
    /// <param name="options">Which model, and how; copied.</param>
    /// <param name="loggerFactory">Where it logs; null: nowhere.</param>
    /// <param name="engineFactory">Makes the engine; null: the pure C# one.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The options are wrong; the message
    /// lists all that is.</exception>
    public SmolLM3ChatClient(
        SmolLM3Options options, ILoggerFactory? loggerFactory = null, IEngineFactory? engineFactory = null)
        : this(
            options,
            ModelPool.Default,
            engineFactory ?? ManagedEngineFactory.Instance,
            loggerFactory ?? NullLoggerFactory.Instance,
            TimeProvider.System)
    {
    }

    internal SmolLM3ChatClient(
        SmolLM3Options options, ModelPool pool, IEngineFactory factory, ILoggerFactory loggerFactory, TimeProvider time)
        : this(
            Copy(options),
            source => pool.Acquire(ModelKey.From(options, source, factory), loggerFactory),
            loggerFactory,
            time)
    {
    }

    /// <summary>For tests: over a model of any origin, already held.</summary>
    internal SmolLM3ChatClient(
        SmolLM3Options options, Func<ModelSource, SharedModel> model, ILoggerFactory loggerFactory, TimeProvider time)
    {
        ModelSource source = options.FindSource()!;
        (_options, _model, _time) = (options, model(source), time);
        _logger = loggerFactory.CreateLogger<SmolLM3ChatClient>();
        _metadata = new ChatClientMetadata("smollm3", null, options.ModelId ?? source.Name);
    }

    /// <summary>What became of the model so far.</summary>
    internal Task<LoadedModel>? Loading => _model.Loading;

    /// <summary>Whether it is disposed.</summary>
    internal bool IsDisposed => Volatile.Read(ref _isDisposed) != 0;

    private string ModelId => _metadata.DefaultModelId!;

    private DateOnly Today => DateOnly.FromDateTime(_time.GetLocalNow().DateTime);

    /// <inheritdoc/>
    /// <exception cref="ArgumentNullException"><paramref name="messages"/> is null.</exception>
    /// <exception cref="ArgumentException">A message or a tool is null, an option is of a wrong type or out of its
    /// range, a tool is required that is not there, or a tool's schema is nested too deep.</exception>
    /// <exception cref="UnknownModelException">The options name another model.</exception>
    /// <exception cref="UnsupportedContentException">A message or a tool's result holds an image or other
    /// content that is no text.</exception>
    /// <exception cref="SystemOverrideException">The system text says <c>/system_override</c>, and there are
    /// tools.</exception>
    /// <exception cref="NotSupportedException">A JSON schema or pattern for the answer asks for what cannot be enforced;
    /// the message names the keyword and its place. Or one function is required that is called from code.</exception>
    /// <exception cref="Inference.Gguf.UnsupportedModelException">The file holds another model, or code is to be written
    /// and the model has no tokens for it.</exception>
    /// <exception cref="PromptTooLongException">The prompt leaves no room for an answer, even without its old turns
    /// where <see cref="SmolLM3Options.ContextOverflow"/> lets them go.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed, before or during the request.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default) =>
        ResponseFolding.FoldAsync(GetStreamingResponseAsync(messages, options, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    /// <inheritdoc cref="GetResponseAsync" path="/exception"/>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        (ChatMessage[] conversation, RequestSettings settings) = Prepare(messages, options);
        return StreamAsync(conversation, settings, cancellationToken);
    }

    /// <summary>Writes what the model has computed for a conversation, so that after a restart its next turn need not
    /// compute it again: a <em>snapshot</em> of keys and values.</summary>
    /// <param name="messages">The conversation so far. What is missing of it is computed.</param>
    /// <param name="options">As its requests have them: instructions, tools and mode are part of the prompt.</param>
    /// <param name="destination">Where to, for example a <see cref="FileStream"/>; stays open. When this fails or is
    /// cancelled it may hold a part, which <see cref="RestorePrefixAsync"/> refuses.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <remarks>All of the conversation's prompt is saved but the turn to come, as a process renders it that has the
    /// messages from a store. The snapshot takes memory until it is written:
    /// <see cref="Inference.Engine.ModelInfo.KvBytesPerToken"/> for each token. It holds the conversation: protect it
    /// as such.</remarks>
    /// <returns>What was written.</returns>
    /// <inheritdoc cref="GetResponseAsync" path="/exception"/>
    /// <exception cref="CapacityExceededException">The conversation does not fit into the engine's memory.</exception>
    /// <exception cref="NotSupportedException">The engine cannot save.</exception>
    public Task<SmolLM3PrefixSnapshot> SavePrefixAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options,
        Stream destination,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        (ChatMessage[] conversation, RequestSettings settings) = Prepare(messages, options);
        return WithModelAsync(
            (model, token) => PrefixSnapshots.SaveAsync(
                model, PrefixPrompt.Encode(conversation, settings, model, Today), destination, token),
            cancellationToken);
    }

    /// <summary>Reads what <see cref="SavePrefixAsync"/> wrote, on a client of the same model and settings: the next
    /// request that begins so computes only what follows.</summary>
    /// <param name="source">Where the snapshot begins, for example a <see cref="FileStream"/>. Read to the end of the
    /// snapshot and no further; stays open.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <remarks>All of it is read and checked before any is used. It is kept like other prompts that were computed:
    /// the least recently used go when others need the room.</remarks>
    /// <returns>What was read.</returns>
    /// <exception cref="PrefixSnapshotException">The snapshot is damaged, truncated, of another model, too long, or
    /// there is no room for it.</exception>
    /// <exception cref="NotSupportedException">The engine cannot restore.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed, before or meanwhile.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public Task<SmolLM3PrefixSnapshot> RestorePrefixAsync(Stream source, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return WithModelAsync((model, token) => PrefixSnapshots.RestoreAsync(model, source, token), cancellationToken);
    }

    /// <summary>Loads the model, so that the first request need not.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ModelNotFoundException">The file is not there.</exception>
    /// <exception cref="Inference.Gguf.GgufFormatException">The file is not a GGUF, incomplete or damaged.</exception>
    /// <exception cref="Inference.Gguf.UnsupportedModelException">The file holds another model.</exception>
    public Task LoadAsync(CancellationToken cancellationToken = default) => LoadModelAsync(cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Knows <see cref="ChatClientMetadata"/>, which loads nothing, and <see cref="ModelInfo"/>,
    /// <see cref="EngineInfo"/> and <see cref="Tokenizer"/>, which load the model. The tokenizer is usable until the
    /// client is disposed.</remarks>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType == typeof(ModelInfo) ? LoadNow().Model
            : serviceType == typeof(EngineInfo) ? LoadNow().Engine
            : serviceType == typeof(Tokenizer) ? LoadNow().Tokenizer
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <inheritdoc/>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <inheritdoc cref="Dispose"/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            await _disposing.CancelAsync().ConfigureAwait(false);
            await _model.ReleaseAsync().ConfigureAwait(false);
        }
    }

    private (ChatMessage[] Conversation, RequestSettings Settings) Prepare(
        IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ThrowIfDisposed();
        ChatMessage[] conversation = MessageMapping.Copy(messages);
        MessageMapping.Check(conversation);
        if (options?.ModelId is { } asked && asked != ModelId)
        {
            throw new UnknownModelException(asked, ModelId);
        }

        var raw = options?.RawRepresentationFactory?.Invoke(this) as SmolLM3RequestOptions;
        RequestSettings settings = RequestMapping.ToSettings(options, raw, _options);
        MessageMapping.CheckOverride(conversation, settings);
        LogWhatIsNotDone(options);
        return (conversation, settings);
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        ChatMessage[] messages,
        RequestSettings settings,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RequestScope scope = BeginRequest(cancellationToken);
        await using ConfiguredAsyncDisposable ending = scope.ConfigureAwait(false);
        LoadedModel model = await scope.GetModelAsync().ConfigureAwait(false);
        List<PromptMessage> prompt = MessageMapping.ToPrompt(messages, settings, model.Tokenizer);
        RequestPlan plan = scope.Run(token => RequestPlan.Create(prompt, settings, model, Today, token));
        LogMode(plan, settings);
        LogRelaxed(plan);
        if (plan.DroppedTurns > 0)
        {
            _logger.TurnsAreDropped(plan.DroppedTurns, plan.Generation.PromptTokens.Count, model.ContextLength);
        }

        ResponseWriter response = new(plan, settings, model, ModelId, _time.GetUtcNow());
        LogText(response, plan.Generation.PromptTokens, model, isPrompt: true);
        TokenReader tokens = scope.Generate(model.Generator, plan.Generation);
        await using ConfiguredAsyncDisposable leaving = tokens.ConfigureAwait(false);
        while (!response.IsEnded && await tokens.MoveNextAsync().ConfigureAwait(false))
        {
            if (response.Write(tokens.Current) is { } update)
            {
                yield return update;
            }
        }

        LogText(response, response.Tokens, model, isPrompt: false);
        yield return response.Finish();
    }

    private RequestScope BeginRequest(CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        return _model.TryHold()
            ? new RequestScope(_model, _disposing.Token, cancellationToken)
            : throw new ObjectDisposedException(nameof(SmolLM3ChatClient));
    }

    private async Task<T> WithModelAsync<T>(
        Func<LoadedModel, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        RequestScope scope = BeginRequest(cancellationToken);
        await using ConfiguredAsyncDisposable ending = scope.ConfigureAwait(false);
        LoadedModel model = await scope.GetModelAsync().ConfigureAwait(false);
        return await scope.RunAsync(token => work(model, token)).ConfigureAwait(false);
    }

    private Task<LoadedModel> LoadModelAsync(CancellationToken cancellationToken) =>
        WithModelAsync((model, _) => Task.FromResult(model), cancellationToken);

    private LoadedModel LoadNow() => LoadModelAsync(CancellationToken.None).GetAwaiter().GetResult();

    private void ThrowIfDisposed() =>
        ObjectDisposedException.ThrowIf(IsDisposed, this);

    private void LogWhatIsNotDone(ChatOptions? options)
    {
        foreach (AITool tool in options?.Tools ?? [])
        {
            if (!ToolMapping.IsKnown(tool))
            {
                _logger.ToolIsIgnored(tool.Name);
            }
        }
    }

    private void LogRelaxed(RequestPlan plan)
    {
        foreach (RelaxedTool relaxed in plan.Relaxed)
        {
            if (_saidRelaxed.Count < MostSaid && _saidRelaxed.TryAdd(relaxed, default))
            {
                _logger.ToolIsRelaxed(relaxed.Tool, relaxed.What);
            }
        }
    }

    private void LogText(ResponseWriter response, IEnumerable<int> tokens, LoadedModel model, bool isPrompt)
    {
        if (_logger.IsEnabled(LogLevel.Trace))
        {
            string text = model.Tokenizer.Decode([.. tokens]);
            if (isPrompt)
            {
                _logger.Prompt(response.Id, text);
            }
            else
            {
                _logger.Output(response.Id, text);
            }
        }
    }

    private void LogMode(RequestPlan plan, RequestSettings settings)
    {
        string mode = plan.IsThinking ? "/think" : "/no_think";
        if (plan.FlagOverrode && settings.NamesThinking)
        {
            _logger.FlagOverrodeRequest(mode);
        }
        else if (plan.FlagOverrode)
        {
            _logger.FlagOverrodeDefault(mode);
        }
    }

    private static SmolLM3Options Copy(SmolLM3Options options)
    {
        ArgumentNullException.ThrowIfNull(options);
        SmolLM3OptionsValidator.ThrowIfInvalid(options);
        return options.Clone();
    }
}
