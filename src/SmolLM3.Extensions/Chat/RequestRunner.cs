using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using SmolLM3.Extensions.Adapters;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Loading;

namespace SmolLM3.Extensions.Chat;

/// <summary>The way of every request, chat and completion alike: settled when it is made, then planned on the loaded
/// model, generated, and written as updates.</summary>
/// <param name="options">The client's.</param>
/// <param name="modelId">What responses report.</param>
/// <param name="model">The client's model.</param>
/// <param name="logger">Where it logs.</param>
/// <param name="time">Dates responses and prompts.</param>
internal sealed class RequestRunner(
    SmolLM3Options options, string modelId, ClientModel model, ILogger logger, TimeProvider time)
{
    private readonly RequestLog _log = new(logger);

    /// <summary>The date a prompt names.</summary>
    public DateOnly Today => DateOnly.FromDateTime(time.GetLocalNow().DateTime);

    /// <summary>Settles what a request asks for; loads nothing.</summary>
    /// <param name="asked">The caller's options.</param>
    /// <param name="client">Whom their RawRepresentationFactory is told of.</param>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    /// <exception cref="UnknownModelException">The options name another model.</exception>
    /// <exception cref="ArgumentException">A value is of a wrong type or out of its range.</exception>
    public RequestSettings Settle(ChatOptions? asked, IChatClient client)
    {
        model.ThrowIfDisposed();
        if (asked?.ModelId is { } id && id != modelId)
        {
            throw new UnknownModelException(id, modelId);
        }

        var raw = asked?.RawRepresentationFactory?.Invoke(client) as SmolLM3RequestOptions;
        RequestSettings settings = RequestMapping.ToSettings(asked, raw, options);
        _log.Ignored(asked);
        return settings;
    }

    /// <summary>Settles a chat: its messages are copied and checked, too; loads nothing.</summary>
    /// <exception cref="UnsupportedContentException">A message holds an image or the like.</exception>
    /// <exception cref="SystemOverrideException">The system text overrides the header and there are tools.</exception>
    /// <inheritdoc cref="Settle(ChatOptions?, IChatClient)"/>
    public (ChatMessage[] Conversation, RequestSettings Settings) Settle(
        IEnumerable<ChatMessage> messages, ChatOptions? asked, IChatClient client)
    {
        ArgumentNullException.ThrowIfNull(messages);
        model.ThrowIfDisposed();
        ChatMessage[] conversation = MessageMapping.Copy(messages);
        MessageMapping.Check(conversation);
        RequestSettings settings = Settle(asked, client);
        MessageMapping.CheckOverride(conversation, settings);
        return (conversation, settings);
    }

    /// <summary>Answers a request.</summary>
    /// <param name="toPlan">Makes its plan, once the model is there.</param>
    /// <param name="settings">What it asks for.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<ChatResponseUpdate> RunAsync(
        Func<LoadedModel, CancellationToken, RequestPlan> toPlan,
        RequestSettings settings,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RequestScope scope = model.Begin(cancellationToken);
        await using ConfiguredAsyncDisposable ending = scope.ConfigureAwait(false);
        LoadedModel loaded = await scope.GetModelAsync().ConfigureAwait(false);
        (loaded.Generator as LocalGenerator)?.ThrowIfFull();
        using AdapterLease adapters = loaded.Adapters.Lease(settings.Adapters);
        RequestPlan plan = scope.Run(token => toPlan(loaded, token));
        _log.Planned(plan, settings, loaded);
        ResponseWriter response = new(plan, settings, loaded, modelId, time.GetUtcNow());
        _log.Prompt(response, plan, loaded);
        GenerationRequest request = plan.Generation with { Adapters = adapters.Set };
        TokenReader tokens = scope.Generate(loaded.Generator, request);
        await using ConfiguredAsyncDisposable leaving = tokens.ConfigureAwait(false);
        try
        {
            while (!response.IsEnded && await tokens.MoveNextAsync().ConfigureAwait(false))
            {
                if (response.Write(tokens.Current) is { } update)
                {
                    yield return update;
                }
            }
        }
        finally
        {
            _log.Output(response, loaded);
        }

        yield return response.Finish();
    }
}
