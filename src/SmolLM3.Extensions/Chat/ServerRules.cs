using System.Text.Json;
using SmolLM3.Extensions.Sampling;

namespace SmolLM3.Extensions.Chat;

/// <summary>What the constraints of a request would hold the model to, said in words, for a model that runs elsewhere:
/// its generator asks the server for it, piece by piece. As a constraint it does nothing.</summary>
internal sealed record ServerRules : ITokenConstraint
{
    /// <summary>The tokens of the chat format; null: a completion, which has none.</summary>
    public ChatVocabulary? Vocabulary { get; init; }

    /// <summary>Whether the model thinks first.</summary>
    public bool Thinks { get; init; }

    /// <summary>Tokens allowed within all thoughts together.</summary>
    public int ThinkingTokens { get; init; }

    /// <summary>What closes a thought that has taken them.</summary>
    public IReadOnlyList<int> Closing { get; init; } = [];

    /// <summary>What ends the line of a thought, and those of a call.</summary>
    public IReadOnlyList<int> NewLine { get; init; } = [];

    /// <summary>Tokens that never come.</summary>
    public IReadOnlyList<int> Banned { get; init; } = [];

    /// <summary>Dictionaries of the tools that may be called.</summary>
    public IReadOnlyList<JsonElement> Tools { get; init; } = [];

    /// <summary>Whether code may stand in place of a call.</summary>
    public bool MayCode { get; init; }

    /// <summary>Whether the answer begins with a call, or with code.</summary>
    public bool MustCall { get; init; }

    /// <summary>Whether it ends with its first call.</summary>
    public bool SingleCall { get; init; }

    /// <summary>What the answer says where it is no call; null: anything.</summary>
    public AnswerForm? Form { get; init; }

    /// <inheritdoc/>
    public bool TryForce(out int token)
    {
        token = -1;
        return false;
    }

    /// <inheritdoc/>
    public void Mask(Span<float> logits)
    {
    }

    /// <inheritdoc/>
    public void Accept(int token)
    {
    }
}
