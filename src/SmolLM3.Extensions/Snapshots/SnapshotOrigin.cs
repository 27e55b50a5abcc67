using System.Globalization;
using SmolLM3.Extensions.Loading;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Extensions.Snapshots;

/// <summary>What keys and values depend on besides the tokens: where it differs, they must not be mixed.</summary>
/// <param name="Fingerprint">Of the model file.</param>
/// <param name="Engine">What computed them, in words: engine, kernel set, type of the numbers, stretching.</param>
internal sealed record SnapshotOrigin(string Fingerprint, string Engine)
{
    /// <summary>Of a loaded model. Reads samples of its file.</summary>
    public static SnapshotOrigin Of(GgufFile file, EngineInfo engine, ModelKey key) => new(
        file.ComputeFingerprint(),
        $"{engine.Name} {engine.Kernels}, {key.KvCacheType}, YaRN {Yarn(key)}");

    /// <summary>On one line, as a snapshot holds it.</summary>
    public override string ToString() => $"{Fingerprint} {Engine}";

    private static string Yarn(ModelKey key) =>
        key.YarnFactor?.ToString(CultureInfo.InvariantCulture) ?? "of the file";
}
