namespace SmolLM3.Extensions.LLamaSharp;

/// <summary>llama.cpp failed in a way that no argument explains; the message has what it said.</summary>
public sealed class LlamaException(string message) : Exception(message);
