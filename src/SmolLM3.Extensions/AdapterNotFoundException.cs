namespace SmolLM3.Extensions;

/// <summary>The file of a LoRA adapter is not there.</summary>
public sealed class AdapterNotFoundException : FileNotFoundException
{
    internal AdapterNotFoundException(string path)
        : base(
            $"No adapter file at '{path}'. Give the path of a LoRA adapter in GGUF, as llama.cpp's "
            + "convert_lora_to_gguf.py writes it.",
            path)
    {
    }
}
