namespace SmolLM3.Extensions.Chat;

/// <summary>Turns generated tokens into pieces of output, as they come. Not thread-safe; one for each answer.</summary>
internal interface IOutputParser
{
    /// <summary>Whether a stop sequence ended the answer. Later tokens are ignored.</summary>
    bool Stopped { get; }

    /// <summary>Tokens inside thoughts so far, their tags not counted.</summary>
    int ReasoningTokens { get; }

    /// <summary>Takes the next token.</summary>
    /// <param name="token">Its id. An end token, like every control token, says nothing.</param>
    /// <param name="segments">What became ready is added here; often nothing.</param>
    void Append(int token, List<OutputSegment> segments);

    /// <summary>Ends the output: gives out what was held back.</summary>
    /// <param name="segments">Where to.</param>
    /// <param name="isCut">Whether the token limit ended it, and not the model.</param>
    void Finish(List<OutputSegment> segments, bool isCut);
}
