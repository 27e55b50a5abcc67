using SmolLM3.Extensions.Sampling;

namespace SmolLM3.Extensions;

/// <summary>
/// What one request may set, including what <c>ChatOptions</c> has no member for. Returned by
/// <c>ChatOptions.RawRepresentationFactory</c>; a value that is not null wins over every other place it could be set.
/// </summary>
/// <remarks>The client copies it and never changes it. Out of range values throw
/// <see cref="ArgumentException"/>.</remarks>
public sealed class SmolLM3RequestOptions
{
    /// <summary>Sampling temperature; 0 takes the likeliest token each time.</summary>
    public float? Temperature { get; set; }

    /// <summary>Share of the probability that is sampled from, 0 to 1.</summary>
    public float? TopP { get; set; }

    /// <summary>Number of likeliest tokens that are sampled from; 0: all.</summary>
    public int? TopK { get; set; }

    /// <summary>Least probability, as a part of the likeliest token's, in [0, 1]; <c>min_p</c>.</summary>
    public float? MinP { get; set; }

    /// <summary>Subtracted from a token's logit for each time it came before.</summary>
    public float? FrequencyPenalty { get; set; }

    /// <summary>Subtracted from a token's logit once it came before.</summary>
    public float? PresencePenalty { get; set; }

    /// <summary>Divides the logits of tokens that came before; above 0, 1: off; <c>repetition_penalty</c>.</summary>
    public float? RepetitionPenalty { get; set; }

    /// <summary>Where the random numbers start; null: another for each request.</summary>
    public long? Seed { get; set; }

    /// <summary>Added to the logits of these token ids; <c>logit_bias</c>.</summary>
    public IDictionary<int, float>? LogitBias { get; set; }

    /// <summary>Most tokens of the answer, thoughts included.</summary>
    public int? MaxOutputTokens { get; set; }

    /// <summary>What happens when the context does not hold the conversation.</summary>
    public ContextOverflow? ContextOverflow { get; set; }

    /// <summary>Texts that end the answer; they are not part of it.</summary>
    public IList<string>? StopSequences { get; set; }

    /// <summary>Token ids that end the answer beside the model's own; the one that came is not part of it. Null:
    /// none.</summary>
    public IList<int>? StopTokens { get; set; }

    /// <summary>Whether each update also has the token ids that came since the one before, as an <c>int[]</c> in its
    /// AdditionalProperties under <c>token_ids</c>: of all that was generated but hidden thoughts, the token that ended
    /// the answer included. Then each token is an update, with or without text.</summary>
    public bool? ReturnTokenIds { get; set; }

    /// <summary>Most time from when the request is queued to the end of its answer; then it ends with
    /// <see cref="TimeoutException"/>. Loading the model does not count.</summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>Most tokens of the thought; 0: no thinking; <c>thinking_budget</c>. A number above 0 turns thinking on
    /// unless <c>ChatOptions.Reasoning</c> turns it off.</summary>
    public int? ThinkingBudget { get; set; }

    /// <summary>How many of the likeliest tokens are reported for each token, at most 20; <c>top_logprobs</c>. They
    /// arrive in the updates' AdditionalProperties under that name.</summary>
    public int? TopLogProbabilities { get; set; }

    /// <summary>A regular expression (ECMA-262, without look-around and back-references) that the text of the answer
    /// matches as a whole. Not beside <c>ChatOptions.ResponseFormat</c>.</summary>
    /// <remarks>A thought comes before that text, and a call may come in its place. What cannot be enforced throws
    /// <see cref="NotSupportedException"/>.</remarks>
    public string? Regex { get; set; }

    /// <summary>Texts of which the answer is one. Not beside <c>ChatOptions.ResponseFormat</c>.</summary>
    public IList<string>? Choices { get; set; }

    /// <summary>Whether functions are described to the model as Python functions, which it calls from code, in place of
    /// tools it calls one by one.</summary>
    /// <remarks>The answer is then Python code, a <c>CodeInterpreterToolCallContent</c>; running it, with these functions
    /// defined, is up to the caller. Names of functions and parameters must be Python identifiers.</remarks>
    public bool? PythonFunctions { get; set; }

    /// <summary>The LoRA adapters of the request, names to scales; what an adapter adds is multiplied by its scale, 1: as
    /// it was trained. Null: those of <see cref="SmolLM3Options.LoraAdapters"/>. Empty: none.
    /// <c>lora_adapters</c>.</summary>
    /// <remarks>A name that is not loaded throws <see cref="UnknownAdapterException"/>. The order of the names makes no
    /// difference.</remarks>
    public IReadOnlyDictionary<string, float>? LoraAdapters { get; set; }

    /// <summary>A constraint of the caller's own, which sees every token of the answer, thoughts included. It keeps
    /// state: a new one for each request.</summary>
    public ITokenConstraint? Constraint { get; set; }
}
