using SmolLM3.Extensions.Constraints.Masks;

namespace SmolLM3.Extensions.Chat;

/// <summary>What form an answer must have.</summary>
internal sealed record AnswerRules
{
    /// <summary>Whether the model thinks first.</summary>
    public required bool Thinks { get; init; }

    /// <summary>What ends the line of a thought.</summary>
    public required IReadOnlyList<int> NewLine { get; init; }

    /// <summary>What a call may say between its tags; null where there are no tools.</summary>
    public CompiledGrammar? Calls { get; init; }

    /// <summary>Whether code may stand in place of a call.</summary>
    public bool MayCode { get; init; }

    /// <summary>Whether the answer begins with a call, or with code.</summary>
    public bool MustCall { get; init; }

    /// <summary>Whether it ends with its first call.</summary>
    public bool SingleCall { get; init; }

    /// <summary>What the answer says where it is no call; null: anything.</summary>
    public CompiledGrammar? Text { get; init; }
}
