using System.Security.Cryptography;

namespace SmolLM3.Inference.Gguf;

/// <summary>Tells files apart without reading all of them.</summary>
internal static unsafe class GgufFingerprint
{
    // Trained weights differ everywhere: the first and last bytes of a tensor and two places between them are enough,
    // and little enough to read from a cold file of 2 GB.
    private const int Samples = 4;
    private const int SampleBytes = 256;

    private const int Bytes = 16;
    private const int PieceBytes = 1 << 24;

    /// <summary>SHA-256 of everything before the tensor data and of samples of every tensor, as far as it is kept.
    /// </summary>
    public static string Compute(GgufMemory memory, IReadOnlyList<GgufTensor> tensors)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long head = tensors.Count == 0 ? memory.Length : tensors.Min(tensor => tensor.Offset);
        for (long at = 0; at < head; at += PieceBytes)
        {
            hash.AppendData(new ReadOnlySpan<byte>(memory.Pointer + at, (int)Math.Min(PieceBytes, head - at)));
        }

        foreach (GgufTensor tensor in tensors)
        {
            int length = (int)Math.Min(SampleBytes, tensor.ByteLength);
            for (int i = 0; i < Samples; i++)
            {
                long at = (tensor.ByteLength - length) * i / (Samples - 1);
                hash.AppendData(new ReadOnlySpan<byte>(tensor.Data + at, length));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, Bytes));
    }
}
