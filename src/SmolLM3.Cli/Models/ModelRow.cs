using SmolLM3.Extensions.Models;

namespace SmolLM3.Cli.Models;

/// <summary>A model on this machine, as it is shown.</summary>
/// <param name="Model">What names it, for <c>info</c>, <c>rm</c> and <c>SmolLM3Options.Model</c>.</param>
/// <param name="Quantization">As its file says; null: it does not.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Path">Its file.</param>
internal sealed record ModelRow(string Model, string? Quantization, long Bytes, string Path)
{
    public static ModelRow Of(CachedFile file) => new(
        $"{file.Repository}/{file.Name}", GgufNames.QuantizationOf(file.Name), file.Bytes, file.Path);
}
