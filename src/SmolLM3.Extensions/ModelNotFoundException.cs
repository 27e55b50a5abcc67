namespace SmolLM3.Extensions;

/// <summary>The model file is not there. A later request looks again.</summary>
public sealed class ModelNotFoundException : FileNotFoundException
{
    internal ModelNotFoundException(string path)
        : base(
            $"No model file at '{path}'. Set SmolLM3Options.Model to the path of a SmolLM3 GGUF file or to a name on the "
            + "hub such as HuggingFaceTB/SmolLM3-3B, or call UseTinyModel() from the package SmolLM3.TinyModel to start "
            + "without a download.",
            path)
    {
    }
}
