namespace SmolLM3.Extensions.Remote.Servers;

/// <summary>How a server with OpenAI's interface is asked for a form of an answer.</summary>
internal enum OpenAIForms
{
    /// <summary>Not known.</summary>
    None,

    /// <summary>vLLM before 0.11: <c>guided_json</c> and the like; before 0.10.2 it returns no ids either.</summary>
    Guided,

    /// <summary>vLLM since 0.11, and <c>smollm3 serve</c>: <c>structured_outputs</c>.</summary>
    StructuredOutputs,
}
