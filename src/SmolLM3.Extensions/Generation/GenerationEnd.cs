namespace SmolLM3.Extensions.Generation;

/// <summary>Why a request generates no further.</summary>
public enum GenerationEnd
{
    /// <summary>A stop token came; it is the last token delivered.</summary>
    Stop,

    /// <summary>The token limit or the end of the context was reached.</summary>
    Length,
}
