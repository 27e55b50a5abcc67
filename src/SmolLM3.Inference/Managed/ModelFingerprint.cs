using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Managed;

/// <summary>Tells models apart whose keys and values must not be mixed.</summary>
internal static class ModelFingerprint
{
    // Enough of each tensor's first row to tell trained weights apart, and little enough to read from a cold file.
    private const int SampleBytes = 256;

    /// <summary>A number from the model's configuration and a sample of each of its tensors.</summary>
    public static ulong Compute(GgufFile file, ModelConfig config)
    {
        // Only what the keys and values depend on, in one spelling on every machine.
        string shape = string.Create(CultureInfo.InvariantCulture,
            $"{config.Layers} {config.Width} {config.FeedForwardWidth} {config.Heads} {config.KvHeads} "
            + $"{config.HeadDimension} {config.Vocabulary} {config.NormEpsilon:R} {config.RopeDimensions} "
            + $"{config.RopeBase:R} {config.Scaling?.Factor:R} {config.Scaling?.IsYarn} "
            + $"{config.Scaling?.OriginalContextLength} {config.Scaling?.BetaFast:R} {config.Scaling?.BetaSlow:R} "
            + $"{config.Scaling?.AttentionFactor:R}");
        uint low = Checksum.Add(0, Encoding.UTF8.GetBytes(shape));
        uint high = 0;
        foreach (GgufTensor tensor in file.Tensors)
        {
            low = Checksum.Add(low, MemoryMarshal.AsBytes(tensor.ToString().AsSpan()));
            ReadOnlySpan<byte> row = tensor.GetRow(0);
            high = Checksum.Add(high, row[..Math.Min(SampleBytes, row.Length)]);
        }

        return ((ulong)high << 32) | low;
    }
}
