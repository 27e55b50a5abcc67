namespace SmolLM3.Extensions;

/// <summary>A LoRA adapter that is loaded with the model.</summary>
public sealed class SmolLM3Adapter
{
    /// <summary>Path of a LoRA adapter in GGUF, as llama.cpp's <c>convert_lora_to_gguf.py</c> writes it. A relative path
    /// starts at the current directory.</summary>
    public string Path { get; set; } = "";

    /// <summary>What it adds is multiplied by this for requests that do not choose themselves; 1: as it was trained, 0: it
    /// is used only when asked for. Default 1.</summary>
    public float Scale { get; set; } = 1;
}
