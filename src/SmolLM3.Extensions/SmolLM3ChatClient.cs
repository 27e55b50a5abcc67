using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Completion;
using SmolLM3.Extensions.Loading;
using SmolLM3.Extensions.Snapshots;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions;

/// <summary>SmolLM3 as a chat client, computed in this process.</summary>
/// <remarks>
/// <para>Safe for concurrent use: requests are computed together in common steps. The first request, or
/// <see cref="LoadAsync"/>, downloads the model if need be and loads it; after a failure the next tries again. Nothing is kept
/// between requests but what makes the next one faster: each sends its whole conversation.</para>
/// <para>Messages, their lists of contents, and options are copied when a method is called and never changed; a content
/// itself is not copied and must stay as it is until the answer begins. Disposing ends the requests in flight with
/// <see cref="ObjectDisposedException"/>; the model's memory is freed with the last of its clients and requests.</para>
/// </remarks>
public sealed class SmolLM3ChatClient : IChatClient, IAsyncDisposable
{
    private readonly ClientModel _model;
    private readonly ChatClientMetadata _metadata;
    private readonly ILogger _logger;
    private readonly RequestRunner _requests;
    private readonly TextCompletion _completion;
    private readonly PromptTokenizer _tokenizer;

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
        string modelId = options.ModelId ?? source.Name;
        _model = new ClientModel(model(source));
        _logger = loggerFactory.CreateLogger<SmolLM3ChatClient>();
        _metadata = new ChatClientMetadata("smollm3", null, modelId);
        _requests = new RequestRunner(options, modelId, _model, _logger, time);
        _completion = new TextCompletion(_requests, this);
        _tokenizer = new PromptTokenizer(_requests, _model, this);
    }

    /// <summary>What became of the model so far.</summary>
    internal Task<LoadedModel>? Loading => _model.Loading;

    /// <summary>Whether it is disposed.</summary>
    internal bool IsDisposed => _model.IsDisposed;

    /// <inheritdoc/>
    /// <exception cref="ArgumentNullException"><paramref name="messages"/> is null.</exception>
    /// <exception cref="ArgumentException">A message or a tool is null, an option is of a wrong type or out of its
    /// range, a tool is required that is not there, or a tool's schema is nested too deep.</exception>
    /// <exception cref="UnknownModelException">The options name another model.</exception>
    /// <exception cref="UnknownAdapterException">The request, or the client's options for it, names an adapter that is not
    /// loaded.</exception>
    /// <exception cref="UnsupportedContentException">A message or a tool's result holds an image or other
    /// content that is no text.</exception>
    /// <exception cref="SystemOverrideException">The system text says <c>/system_override</c>, and there are
    /// tools.</exception>
    /// <exception cref="NotSupportedException">A JSON schema or pattern for the answer asks for what cannot be enforced;
    /// the message names the keyword and its place. Or one function is required that is called from code.</exception>
    /// <exception cref="BaseModelException">The model is a base model: use <see cref="ISmolLM3TextCompletion"/>, or an
    /// instruct model.</exception>
    /// <exception cref="Inference.Gguf.UnsupportedModelException">The file holds another model, or code is to be written
    /// and the model has no tokens for it.</exception>
    /// <exception cref="PromptTooLongException">The prompt leaves no room for an answer, even without its old turns
    /// where <see cref="SmolLM3Options.ContextOverflow"/> lets them go.</exception>
    /// <exception cref="SmolLM3OverloadedException">Too many requests wait already.</exception>
    /// <exception cref="CapacityExceededException">The request alone does not fit into the engine's memory.</exception>
    /// <exception cref="TimeoutException">The time of <see cref="SmolLM3RequestOptions.Timeout"/> is up.</exception>
    /// <exception cref="InvalidLogitsException">The model computed NaN or infinity: its file is damaged.</exception>
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
        (ChatMessage[] conversation, RequestSettings settings) = _requests.Settle(messages, options, this);
        return _requests.RunAsync(
            (model, token) => RequestPlan.Create(
                MessageMapping.ToPrompt(conversation, settings, model.Tokenizer),
                settings,
                model,
                _requests.Today,
                token),
            settings,
            cancellationToken);
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
        (ChatMessage[] conversation, RequestSettings settings) = _requests.Settle(messages, options, this);
        return _model.UseAsync(
            (model, token) => PrefixSnapshots.SaveAsync(
                model,
                PrefixPrompt.Encode(conversation, settings, model, _requests.Today),
                settings.Adapters,
                destination,
                token),
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
        return _model.UseAsync((model, token) => PrefixSnapshots.RestoreAsync(model, source, token), cancellationToken);
    }

    /// <summary>Loads a LoRA adapter, which requests may then choose by its name
    /// (<see cref="SmolLM3RequestOptions.LoraAdapters"/>); others go on without it.</summary>
    /// <param name="name">Any name that is not taken, case-sensitive. All clients on the same model in memory share its
    /// adapters.</param>
    /// <param name="path">Path of the adapter in GGUF. The file is not needed afterwards.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ArgumentException">The name or the path is empty, or the name is taken.</exception>
    /// <exception cref="AdapterNotFoundException">The file is not there.</exception>
    /// <exception cref="Inference.Gguf.GgufFormatException">It is no adapter, damaged, or made for another base
    /// model.</exception>
    /// <exception cref="Inference.Gguf.UnsupportedModelException">It changes other tensors than the linear projections of
    /// layers, such as the embedding.</exception>
    /// <exception cref="NotSupportedException">The model is not computed in this process.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed, before or meanwhile.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task LoadAdapterAsync(string name, string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        path = Path.GetFullPath(path);
        await _model.UseAsync((model, token) => model.Adapters.LoadAsync(name, path, token), cancellationToken)
            .ConfigureAwait(false);
        _logger.AdapterLoaded(name, path);
    }

    /// <summary>Unloads an adapter: no request can choose it from now on, and its memory is freed when the last that uses
    /// it has ended. Requests that <see cref="SmolLM3Options.LoraAdapters"/> gives it to throw
    /// <see cref="UnknownAdapterException"/> until the name is loaded again.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Ends the waiting for those requests; it is unloaded all the same.</param>
    /// <exception cref="UnknownAdapterException">No adapter has this name.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed, before or meanwhile.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task UnloadAdapterAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        await _model.UseAsync((model, token) => model.Adapters.UnloadAsync(name, token), cancellationToken)
            .ConfigureAwait(false);
        _logger.AdapterUnloaded(name);
    }

    /// <summary>Names of the adapters that are loaded, in ordinal order. Loads the model.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<IReadOnlyList<string>> GetAdaptersAsync(CancellationToken cancellationToken = default) =>
        _model.UseAsync((model, _) => Task.FromResult(model.Adapters.Names), cancellationToken);

    /// <summary>Loads the model, so that the first request need not.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ModelNotFoundException">The file is not there.</exception>
    /// <exception cref="ModelDownloadException">The model is not here and could not be downloaded.</exception>
    /// <exception cref="AdapterNotFoundException">The file of one of its adapters is not there.</exception>
    /// <exception cref="Inference.Gguf.GgufFormatException">The file is not a GGUF, incomplete or damaged.</exception>
    /// <exception cref="Inference.Gguf.UnsupportedModelException">The file holds another model.</exception>
    public Task LoadAsync(CancellationToken cancellationToken = default) => _model.LoadAsync(cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Knows <see cref="ChatClientMetadata"/>, <see cref="ISmolLM3TextCompletion"/> and
    /// <see cref="ISmolLM3Tokenizer"/>, which load nothing, and <see cref="ModelInfo"/>, <see cref="EngineInfo"/> and
    /// <see cref="Tokenizer"/>, which load the model. The tokenizer is usable until the client is disposed.</remarks>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType == typeof(ISmolLM3TextCompletion) ? _completion
            : serviceType == typeof(ISmolLM3Tokenizer) ? _tokenizer
            : serviceType == typeof(ModelInfo) ? _model.Load().Model
            : serviceType == typeof(EngineInfo) ? _model.Load().Engine
            : serviceType == typeof(Tokenizer) ? _model.Load().Tokenizer
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <inheritdoc/>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync() => _model.DisposeAsync();

    private static SmolLM3Options Copy(SmolLM3Options options)
    {
        ArgumentNullException.ThrowIfNull(options);
        SmolLM3OptionsValidator.ThrowIfInvalid(options);
        return options.Clone();
    }
}
