using System.Text;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Tests.Gguf;

public sealed unsafe class GgufRoundTripTests
{
    [Theory]
    [InlineData(2, 32)]
    [InlineData(3, 32)]
    [InlineData(3, 8)]
    [InlineData(3, 4096)]
    public void Tensors_come_back_as_they_were_written(uint version, int alignment)
    {
        byte[] norm = Bytes(5 * 4, seed: 1);
        byte[] matrix = Bytes(3 * 2 * 144, seed: 2);
        byte[] cube = Bytes(7 * 2 * 3 * 2, seed: 3);
        GgufWriter writer = new GgufWriter(version, alignment)
            .AddTensor("norm", GgufTensorType.F32, [5], norm)
            .AddTensor("matrix", GgufTensorType.Q4_K, [512, 3], matrix)
            .AddTensor("cube", GgufTensorType.F16, [7, 2, 3], cube);

        using GgufFile file = Reload(writer);

        Assert.Equal(version, file.Version);
        Assert.Null(file.Path);
        Assert.Equal(["norm", "matrix", "cube"], file.Tensors.Select(tensor => tensor.Name));
        Assert.True(file.TryGetTensor("matrix", out GgufTensor? found));
        Assert.Equal("matrix Q4_K [512, 3]", found.ToString());
        Assert.Equal((3, 288, 864), (found.RowCount, found.RowBytes, found.ByteLength));
        Assert.Equal(0, (long)found.Data % alignment % 64);
        Assert.Equal(norm, new ReadOnlySpan<byte>(file.GetTensor("norm").Data, norm.Length));
        Assert.Equal(matrix, new ReadOnlySpan<byte>(found.Data, matrix.Length));
        Assert.Equal(matrix.AsSpan(288, 288), found.GetRow(1));
        Assert.Equal(6, file.GetTensor("cube").RowCount);
        Assert.Equal(cube, new ReadOnlySpan<byte>(file.GetTensor("cube").Data, cube.Length));
        Assert.False(file.TryGetTensor("Matrix", out _));
        Assert.Throws<GgufFormatException>(() => file.GetTensor("Matrix"));
        Assert.Throws<ArgumentOutOfRangeException>(() => found.GetRow(3).Length);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_kind_of_metadata_comes_back_with_its_own_type(uint version)
    {
        object[] values =
        [
            (byte)200, (sbyte)-100, (ushort)60000, (short)-30000, 4_000_000_000u, -2_000_000_000, ulong.MaxValue,
            long.MinValue, 1.5f, -2.25, true, false, "", "häßlich 🐎",
            new byte[] { 1, 255 }, new sbyte[] { -1, 1 }, new ushort[] { 65535 }, new short[] { -5 },
            new uint[] { 4_000_000_000 }, new[] { -7, 8 }, new[] { ulong.MaxValue }, new[] { long.MinValue },
            new[] { 0.1f }, new[] { 0.1, 0.2, 0.3 }, new[] { true, false }, Array.Empty<int>(),
        ];
        var writer = new GgufWriter(version);
        for (int i = 0; i < values.Length; i++)
        {
            writer.Set($"key{i}", values[i]);
        }

        using GgufFile file = Reload(writer);

        Assert.Equal(values.Length, file.Metadata.Count);
        for (int i = 0; i < values.Length; i++)
        {
            Assert.IsType(values[i].GetType(), file.Metadata[$"key{i}"]);
            Assert.Equal(values[i], file.Metadata[$"key{i}"]);
        }
    }

    [Fact]
    public void Strings_stay_bytes_and_outlive_the_file()
    {
        string[] words = ["", "a", "Ġthe", "\0", "🐎"];
        GgufFile file = Reload(new GgufWriter().Set("words", words).Set("again", GgufStringArray.Create(words)));
        GgufStringArray read = file.Metadata.GetStringArray("words");
        file.Dispose();

        Assert.Equal(words, read.ToArray());
        Assert.Equal(words, file.Metadata.GetStringArray("again").ToArray());
        Assert.Equal(Encoding.UTF8.GetBytes("Ġthe"), read[2]);
        Assert.Equal("🐎", read.GetString(4));
    }

    [Fact]
    public void Arrays_of_arrays_come_back()
    {
        object[] nested = [new[] { 1, 2 }, new[] { "x" }, new object[] { new[] { 0.5f } }];

        using GgufFile file = Reload(new GgufWriter().Set("nested", nested).Set("after", 7));

        object[] read = Assert.IsType<object[]>(file.Metadata["nested"]);
        Assert.Equal(nested[0], read[0]);
        Assert.Equal(["x"], Assert.IsType<GgufStringArray>(read[1]).ToArray());
        Assert.Equal(new[] { 0.5f }, Assert.IsType<object[]>(read[2])[0]);
        Assert.Equal(7, file.Metadata.GetInt32("after"));
    }

    [Fact]
    public void A_file_is_mapped_and_may_be_disposed_twice()
    {
        string path = Path.GetTempFileName();
        try
        {
            byte[] data = Bytes(64, seed: 4);
            new GgufWriter().Set("general.name", "x").AddTensor("t", GgufTensorType.F32, [16], data).Write(path);
            Assert.False(File.Exists(path + ".part"));

            GgufFile file = GgufFile.Open(path);
            Assert.Equal(path, file.Path);
            Assert.Equal(new FileInfo(path).Length, file.Length);
            Assert.Equal(data, file.GetTensor("t").GetRow(0));

            file.Dispose();
            file.Dispose();
            Assert.Throws<ObjectDisposedException>(() => file.GetTensor("t").GetRow(0).Length);
            Assert.Equal("x", file.Metadata.GetString("general.name"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_stream_that_cannot_seek_is_read_to_its_end()
    {
        byte[] data = Bytes(3_000_000, seed: 5);
        var bytes = new MemoryStream();
        new GgufWriter().AddTensor("t", GgufTensorType.F16, [1_500_000], data).Write(bytes);

        using GgufFile file = GgufFile.Load(new OneWayStream(bytes.ToArray()));

        Assert.Equal(bytes.Length, file.Length);
        Assert.Equal(data, file.GetTensor("t").GetRow(0));
    }

    [Fact]
    public void The_writer_refuses_what_no_reader_would_take()
    {
        var writer = new GgufWriter();
        writer.AddTensor("t", GgufTensorType.F32, [1], [0, 0, 0, 0]);

        Assert.Throws<ArgumentException>(() => writer.AddTensor("t", GgufTensorType.F32, [1], [0, 0, 0, 0]));
        Assert.Throws<ArgumentException>(() => writer.AddTensor("u", GgufTensorType.Q4_0, [31], new byte[18]));
        Assert.Throws<ArgumentException>(() => writer.AddTensor("u", GgufTensorType.Q4_0, [32], new byte[17]));
        Assert.Throws<ArgumentException>(() => writer.AddTensor("u", GgufTensorType.F32, [], []));
        Assert.Throws<ArgumentException>(() => writer.AddTensor("u", GgufTensorType.F32, [1, 0], []));
        Assert.Throws<ArgumentException>(() => writer.Set("k", DateTime.UnixEpoch));
        Assert.Throws<ArgumentException>(() => writer.Set("general.alignment", 64u));
        Assert.Throws<ArgumentException>(() => writer.Set("k", new object[] { 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GgufWriter(version: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GgufWriter(alignment: 48));

        writer.AddTensor("short", GgufTensorType.F32, [2], stream => stream.Write([1, 2, 3]));
        Assert.Throws<InvalidOperationException>(() => writer.Write(new MemoryStream()));
    }

    private static GgufFile Reload(GgufWriter writer)
    {
        var bytes = new MemoryStream();
        writer.Write(bytes);
        bytes.Position = 0;
        return GgufFile.Load(bytes);
    }

    private static byte[] Bytes(int count, int seed)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Gives its bytes in small uneven pieces and knows neither length nor position.</summary>
    private sealed class OneWayStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 65_537)]);
    }
}
