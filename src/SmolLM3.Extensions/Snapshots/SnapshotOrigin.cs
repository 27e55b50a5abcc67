using System.Globalization;
using SmolLM3.Extensions.Adapters;
using SmolLM3.Extensions.Loading;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Extensions.Snapshots;

/// <summary>What keys and values depend on besides the tokens: where it differs, they must not be mixed.</summary>
/// <param name="Fingerprint">Of the model file.</param>
/// <param name="Engine">What computed them, in words: engine, kernel set, type of the numbers, stretching.</param>
/// <param name="Adapters">The adapters, each on a line of its own behind a line feed.</param>
internal sealed record SnapshotOrigin(string Fingerprint, string Engine, string Adapters = "")
{
    // Raised with a release whose engines compute other last digits: what was cached must not change an answer.
    private const int Numerics = 1;

    /// <summary>Of a loaded model. Reads samples of its file.</summary>
    public static SnapshotOrigin Of(GgufFile file, EngineInfo engine, ModelKey key) => new(
        file.ComputeFingerprint(),
        $"{engine.Name} {engine.Kernels}, numerics {Numerics}, {key.KvCacheType}, YaRN {Yarn(key)}");

    /// <summary>The same with adapters.</summary>
    public SnapshotOrigin With(IReadOnlyList<AdapterOrigin> adapters) =>
        this with { Adapters = string.Concat(adapters.Select(adapter => $"\n{adapter}")) };

    /// <summary>As a snapshot holds it: one line, and one for each adapter.</summary>
    public override string ToString() => $"{Fingerprint} {Engine}{Adapters}";

    private static string Yarn(ModelKey key) =>
        key.YarnFactor?.ToString(CultureInfo.InvariantCulture) ?? "of the file";
}
