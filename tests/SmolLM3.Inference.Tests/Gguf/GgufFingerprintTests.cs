using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Synthetic;

namespace SmolLM3.Inference.Tests.Gguf;

public sealed class GgufFingerprintTests
{
    [Fact]
    public void Every_copy_of_a_file_has_the_same()
    {
        byte[] bytes = Model();
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.gguf");
        File.WriteAllBytes(path, bytes);
        try
        {
            using GgufFile mapped = GgufFile.Open(path);
            Assert.Equal(Fingerprint(bytes), mapped.ComputeFingerprint());
            Assert.Equal(32, mapped.ComputeFingerprint().Length);
            Assert.DoesNotContain(mapped.ComputeFingerprint(), c => !char.IsAsciiHexDigitLower(c));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Another_model_quantization_or_metadata_has_another()
    {
        string[] fingerprints =
        [
            Fingerprint(Model()),
            Fingerprint(Model(seed: 4)),
            Fingerprint(Model(type: GgufTensorType.F16)),
            Fingerprint(Model(theta: 10_000)),
        ];
        Assert.Equal(fingerprints.Length, fingerprints.Distinct().Count());
    }

    [Fact]
    public void The_first_and_the_last_byte_of_every_tensor_count()
    {
        byte[] bytes = Model();
        HashSet<string> fingerprints = [Fingerprint(bytes)];
        using GgufFile file = GgufFile.Load(new MemoryStream(bytes));
        foreach (GgufTensor tensor in file.Tensors)
        {
            foreach (long at in new[] { tensor.Offset, tensor.Offset + tensor.ByteLength - 1 })
            {
                byte[] changed = [.. bytes];
                changed[at] ^= 1;
                Assert.True(fingerprints.Add(Fingerprint(changed)), $"{tensor} at {at}");
            }
        }
    }

    [Fact]
    public void A_file_without_tensors_has_one_too()
    {
        using MemoryStream stream = new();
        new GgufWriter().Set("general.architecture", "smollm3").Write(stream);
        Assert.Equal(32, Fingerprint(stream.ToArray()).Length);
    }

    private static string Fingerprint(byte[] bytes)
    {
        using GgufFile file = GgufFile.Load(new MemoryStream(bytes));
        return file.ComputeFingerprint();
    }

    private static byte[] Model(long seed = 3, GgufTensorType type = GgufTensorType.Q8_0, float theta = 5_000_000)
    {
        using MemoryStream stream = new();
        SyntheticModel.Write(stream, new SyntheticModelOptions
        {
            HiddenSize = 64,
            LayerCount = 2,
            HeadCount = 2,
            KeyValueHeadCount = 1,
            FeedForwardSize = 64,
            VocabularySize = 500,
            TensorType = type,
            Seed = seed,
            RopeTheta = theta,
        });
        return stream.ToArray();
    }
}
