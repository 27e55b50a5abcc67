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
        // A record prints all it holds; the name is no part of what a model computes.
        string shape = (config with { Name = null }).ToString();
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
