using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using SmolLM3.Extensions;
using SmolLM3.Inference.Gguf;

namespace CloudSwap;

/// <summary>Asks the local model, and the cloud where this machine is at fault: no model, no room, no time.</summary>
/// <remarks>The framework's <see cref="OrderedFailoverChatClient"/> moves on after any failure but a cancellation. This one
/// leaves a wrong request where it is: the cloud need not see it, nor be paid for it.</remarks>
internal sealed partial class LocalFirstChatClient : FailoverChatClient
{
    private readonly ConcurrentDictionary<RoutingContext, bool> _goToCloud = [];
    private readonly IChatClient _local;
    private readonly IChatClient _cloud;
    private readonly ILogger _logger;

    public LocalFirstChatClient(IChatClient local, IChatClient cloud, ILogger<LocalFirstChatClient> logger)
    {
        (_local, _cloud, _logger) = (local, cloud, logger);
        MaximumAttemptsPerRequest = 2;
    }

    protected override ValueTask<IChatClient> SelectClientAsync(
        RoutingContext context, CancellationToken cancellationToken) =>
        new(_goToCloud.ContainsKey(context) ? _cloud : _local);

    protected override ValueTask OnRoutingUpdateAsync(
        RoutingContext context, FailoverChatClientAttempt attempt, bool isTerminal, CancellationToken cancellationToken)
    {
        if (isTerminal)
        {
            _goToCloud.TryRemove(context, out _);
            return default;
        }

        if (!IsThisMachinesFault(attempt.Exception))
        {
            // What is thrown here ends the request and reaches the caller.
            ExceptionDispatchInfo.Throw(attempt.Exception!);
        }

        LeavesTheMachine(attempt.Exception!.Message);
        _goToCloud[context] = true;
        return default;
    }

    private static bool IsThisMachinesFault(Exception? error) => error
        is IOException or GgufFormatException or UnsupportedModelException or InvalidLogitsException
        or SmolLM3OverloadedException or CapacityExceededException or PromptTooLongException
        or OutOfMemoryException or TimeoutException;

    [LoggerMessage(LogLevel.Warning, "The request goes to the cloud, for here it cannot be answered: {Reason}")]
    private partial void LeavesTheMachine(string reason);
}
