using CsCheck;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Tests.Gguf;

/// <summary>Whatever bytes come, the answer is a file within its bounds or one of two exceptions.</summary>
public sealed class GgufDamageTests
{
    private static readonly byte[][] s_sound = [Sound(2), Sound(3)];
    private static readonly Gen<byte[]> s_anySound = Gen.Int[0, 1].Select(i => s_sound[i]);

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        foreach (byte[] sound in s_sound)
        {
            for (int length = 0; length < sound.Length; length++)
            {
                GgufFormatException error = Assert.Throws<GgufFormatException>(
                    () => GgufFile.Load(new MemoryStream(sound, 0, length)));
                Assert.Contains("fetch it again", error.Message, StringComparison.Ordinal);
            }

            GgufFile.Load(new MemoryStream(sound)).Dispose();
        }
    }

    [Fact]
    public void Flipped_bytes_never_lead_out_of_the_file()
    {
        Gen<(int, byte)[]> flips = Gen.Select(Gen.Int[0, s_sound[0].Length - 1], Gen.Byte).Array[1, 6];

        Gen.Select(s_anySound, flips).Sample(Survives, iter: 3000);
    }

    [Fact]
    public void Extreme_numbers_never_lead_out_of_the_file()
    {
        ulong[] borders = [0, 1, ulong.MaxValue, 1ul << 63, (1ul << 63) - 1, 1ul << 32, (1ul << 31) - 1];
        Gen<ulong> extreme = Gen.OneOf(
            Gen.ULong, Gen.ULong[0, 4096], Gen.Int[0, borders.Length - 1].Select(i => borders[i]));
        Gen<(int, ulong)[]> overwrites = Gen.Select(Gen.Int[0, s_sound[0].Length - 8], extreme).Array[1, 3];

        Gen.Select(s_anySound, overwrites).Sample(
            (sound, changes) =>
            {
                byte[] bytes = [.. sound];
                Array.ForEach(changes, change => BitConverter.TryWriteBytes(bytes.AsSpan(change.Item1), change.Item2));
                return ReadsOrRefuses(bytes);
            },
            iter: 3000);
    }

    [Fact]
    public void Every_four_bytes_may_be_anything()
    {
        uint[] values = [0, 1, 7, 8, 9, 13, 32, 64, 255, 65_536, int.MaxValue, 1u << 31, uint.MaxValue];
        foreach (byte[] sound in s_sound)
        {
            for (int offset = 0; offset <= sound.Length - 4; offset++)
            {
                foreach (uint value in values)
                {
                    byte[] bytes = [.. sound];
                    BitConverter.TryWriteBytes(bytes.AsSpan(offset), value);
                    Assert.True(ReadsOrRefuses(bytes), $"{value} at {offset}");
                }
            }
        }
    }

    private static bool Survives(byte[] sound, (int Offset, byte Value)[] flips)
    {
        byte[] bytes = [.. sound];
        Array.ForEach(flips, flip => bytes[flip.Offset] = flip.Value);
        return ReadsOrRefuses(bytes);
    }

    private static bool ReadsOrRefuses(byte[] bytes)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            using GgufFile file = GgufFile.Load(new MemoryStream(bytes));
            return file.Tensors.All(tensor => LiesWithin(tensor, file));
        }
        catch (Exception error) when (error is GgufFormatException or UnsupportedModelException)
        {
            return GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20;
        }
    }

    private static bool LiesWithin(GgufTensor tensor, GgufFile file)
    {
        long sum = 0;
        for (long row = 0; row < tensor.RowCount; row++)
        {
            foreach (byte value in tensor.GetRow(row))
            {
                sum += value;
            }
        }

        return sum >= 0
            && tensor is { Offset: > 0, ByteLength: > 0 }
            && tensor.Offset <= file.Length - tensor.ByteLength;
    }

    private static byte[] Sound(uint version)
    {
        var bytes = new MemoryStream();
        new GgufWriter(version, alignment: 64)
            .Set("general.architecture", "smollm3")
            .Set("numbers", new[] { 1, 2, 3 })
            .Set("flag", true)
            .Set("nested", new object[] { new object[] { new[] { 1.5f } } })
            .Set("words", (string[])["a", "", "ccc"])
            .AddTensor("norm", GgufTensorType.F32, [16], new byte[64])
            .AddTensor("a", GgufTensorType.Q4_0, [64, 2, 2], new byte[2 * 18 * 4])
            .AddTensor("b", GgufTensorType.F16, [32, 3], new byte[192])
            .Write(bytes);
        return bytes.ToArray();
    }
}
