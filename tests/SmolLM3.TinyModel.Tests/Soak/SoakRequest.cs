using Microsoft.Extensions.AI;

namespace SmolLM3.TinyModelTests.Soak;

/// <summary>How a caller leaves its request.</summary>
internal enum SoakLeaving
{
    Stays,
    CancelsBefore,
    CancelsAfterUpdates,
    CancelsAfterTime,
    AbandonsAfterUpdates,
    NeverReads,
}

/// <summary>One request of the soak, and what it may come to.</summary>
internal sealed record SoakRequest
{
    public required int Number { get; init; }

    /// <summary>The conversation; null where that is the mistake.</summary>
    public required IEnumerable<ChatMessage>? Messages { get; init; }

    public required ChatOptions Options { get; init; }

    public required bool IsStreaming { get; init; }

    public SoakLeaving Leaving { get; init; }

    /// <summary>Updates or milliseconds after which the caller leaves.</summary>
    public int LeavesAfter { get; init; }

    /// <summary>What must be thrown, because something is wrong with the request; null: nothing is.</summary>
    public Type? Mistake { get; init; }

    /// <summary>Whether it has a constraint of its own, which throws if the answer gets that far.</summary>
    public bool MayThrow { get; init; }

    /// <summary>What else holds of an answer that came to its end.</summary>
    public Predicate<ChatResponse> IsRight { get; init; } = _ => true;

    /// <summary>Whether a cancellation may end it.</summary>
    public bool MayBeCancelled =>
        Leaving is SoakLeaving.CancelsBefore or SoakLeaving.CancelsAfterUpdates or SoakLeaving.CancelsAfterTime;
}
