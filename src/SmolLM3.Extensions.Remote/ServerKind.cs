namespace SmolLM3.Extensions.Remote;

/// <summary>Whose completion endpoint it is: they differ in the names of what is asked for.</summary>
public enum ServerKind
{
    /// <summary>llama.cpp's <c>llama-server</c>.</summary>
    LlamaServer,

    /// <summary>vLLM, or a server that takes its fields.</summary>
    Vllm,

    /// <summary>Any server whose <c>/v1/completions</c> takes a prompt of token ids. Forms of answers and calls are not
    /// enforced by it: JSON schemas, patterns and choices throw <see cref="NotSupportedException"/>.</summary>
    Other,

    /// <summary><c>smollm3 serve</c>, which takes vLLM's fields.</summary>
    SmolLM3Serve,
}
