namespace SmolLM3.Extensions;

/// <summary>What happens to a conversation that the context no longer holds.</summary>
/// <remarks>An answer that runs into the end of the context ends there, with <c>ChatFinishReason.Length</c>, whatever
/// is chosen here.</remarks>
public enum ContextOverflow
{
    /// <summary>A prompt that leaves no room for an answer throws <see cref="PromptTooLongException"/>.</summary>
    Error,

    /// <summary>
    /// The oldest turns are left out of the prompt: user messages, each with everything up to the next one. The system
    /// text, the tools and the last turn stay; where these alone leave no room for an answer,
    /// <see cref="PromptTooLongException"/> is thrown.
    /// </summary>
    /// <remarks>
    /// <para>The caller's messages stay as they are. A system message that is not in front goes with the turn it stands
    /// in. Room for <c>MaxOutputTokens</c>, but at most half of the context, is kept for the answer; where that is not
    /// set, a quarter. The last message of the answer says how many turns were left out:
    /// <c>AdditionalProperties["dropped_turns"]</c>.</para>
    /// <para>More is left out than must be, so that the following requests leave out the same and find their beginning
    /// in the cache. What is left out depends on the conversation and its options only, not on earlier requests; what
    /// stays is computed at its new place.</para>
    /// </remarks>
    DropOldestTurns,
}
