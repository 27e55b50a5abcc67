using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Tests.Gguf;

/// <summary>Each kind of bad file, and what its message tells.</summary>
public sealed class GgufErrorTests
{
    private const uint F32 = 0;
    private const uint Q4K = 12;
    private const uint StringKind = 8;
    private const uint ArrayKind = 9;

    [Fact]
    public void Something_else_is_not_a_model()
    {
        Refuses("not a GGUF file", () => GgufFile.Load(new MemoryStream("<!doctype html>"u8.ToArray())));
        Refuses("the first four bytes", () => GgufFile.Load(new MemoryStream([0x47, 0x47])));
        Refuses("version 1 is not read", () => new RawGguf(version: 1).Load());
        Refuses("version 4 is not known", () => new RawGguf(version: 4).Load());
        Refuses("big-endian", () => new RawGguf(version: 0x03000000).Load());
    }

    [Fact]
    public void Claims_beyond_the_file_are_refused_before_anything_is_allocated()
    {
        Refuses("tensor count", () => new RawGguf(tensors: ulong.MaxValue).Load());
        Refuses("tensor count", () => new RawGguf(tensors: 20).Text(new string('x', 60)).Load());
        Refuses("metadata claims", () => new RawGguf(pairs: 1ul << 40).Load());
        Refuses("ends inside a metadata key", () => new RawGguf(pairs: 1).Put(1ul << 62).Put(0ul).Load());
        Refuses("'k'", () => new RawGguf(pairs: 1).String("k").Put(StringKind).Put(ulong.MaxValue).Load());
        Refuses("claims", () => new RawGguf(pairs: 1).String("k").Put(ArrayKind).Put(StringKind).Put(1ul << 60).Load());
        Refuses("claims", () => new RawGguf(pairs: 1).String("k").Put(ArrayKind).Put(5u).Put((1ul << 62) + 1).Load());
        Refuses("at most 65535", () => new RawGguf(pairs: 1).String(new string('k', 70_000)).Put(0ul).Load());
    }

    [Fact]
    public void Kinds_that_do_not_exist_and_bottomless_arrays_are_refused()
    {
        var deep = new RawGguf(pairs: 1).String("deep").Put(ArrayKind);
        for (int i = 0; i < 100_000; i++)
        {
            deep.Put(ArrayKind).Put(1ul);
        }

        Refuses("nested deeper", () => deep.Load());
        Refuses("is 13, which does not exist", () => new RawGguf(pairs: 1).String("k").Put(13u).Put(0ul).Load());
        Refuses(
            "elements of the metadata value 'k' is 99",
            () => new RawGguf(pairs: 1).String("k").Put(ArrayKind).Put(99u).Put(0ul).Load());
        Refuses(
            "'k' comes twice",
            () => new RawGguf(pairs: 2).String("k").Put(4u).Put(1u).String("k").Put(4u).Put(1u).Load());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(48)]
    [InlineData(1u << 31)]
    public void An_alignment_that_is_none_is_refused(uint alignment) => Refuses(
        "general.alignment",
        () => new RawGguf(pairs: 1).String("general.alignment").Put(4u).Put(alignment).Load());

    [Fact]
    public void Impossible_tensors_are_refused_by_name()
    {
        Refuses("'t' has 0 dimensions", () => new RawGguf(tensors: 1).Tensor("t", F32, 0).Put(0ul).Load());
        Refuses("'t' has 5 dimensions", () => new RawGguf(tensors: 1).Tensor("t", F32, 0, 1, 1, 1, 1, 1).Load());
        Refuses("impossible size 0", () => new RawGguf(tensors: 1).Tensor("t", F32, 0, 4, 0).Load());
        Refuses("impossible size -1", () => new RawGguf(tensors: 1).Tensor("t", F32, 0, ulong.MaxValue).Load());
        Refuses("impossible size", () => new RawGguf(tensors: 1).Tensor("t", F32, 0, 1ul << 31, 1ul << 31).Load());
        Refuses("multiple of 256", () => new RawGguf(tensors: 1).Tensor("t", Q4K, 0, 128).Data(144).Load());
        Refuses(
            "multiple of the file's alignment",
            () => new RawGguf(tensors: 1).Tensor("t", F32, 4, 1).Data(99).Load());
        Refuses(
            "'t' comes twice",
            () => new RawGguf(tensors: 2).Tensor("t", F32, 0, 1).Tensor("t", F32, 0, 1).Data(4).Load());
    }

    [Fact]
    public void A_file_that_ends_early_tells_which_tensor_and_how_much_is_missing()
    {
        Refuses(
            "tensor 't' (needs 64 bytes, has 63)",
            () => new RawGguf(tensors: 1).Tensor("t", F32, 0, 16).Data(63).Load());
        Refuses("(needs 4 bytes, has 0)", () => new RawGguf(tensors: 1).Tensor("t", F32, 1ul << 40, 1).Data(64).Load());
        Refuses("(needs 4 bytes, has 0)", () => new RawGguf(tensors: 1).Tensor("t", F32, ~31ul, 1).Data(64).Load());
        using GgufFile whole = new RawGguf(tensors: 1).Tensor("t", F32, 0, 16).Data(64).Load();
        Assert.Equal(new byte[64], whole.GetTensor("t").GetRow(0));
    }

    [Theory]
    [InlineData(23, "IQ4_XS (type 23)")]
    [InlineData(39, "MXFP4 (type 39)")]
    [InlineData(12345, "an unknown type (id 12345)")]
    public void A_tensor_type_that_is_not_read_is_named_with_a_way_out(uint type, string description)
    {
        UnsupportedModelException error = Assert.Throws<UnsupportedModelException>(
            () => new RawGguf(tensors: 1).Tensor("blk.0.attn_q.weight", type, 0, 256).Data(256).Load());

        Assert.Contains("'blk.0.attn_q.weight' is " + description, error.Message, StringComparison.Ordinal);
        Assert.Contains("Use a Q4_K_M file", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_part_of_a_split_model_says_so()
    {
        UnsupportedModelException error = Assert.Throws<UnsupportedModelException>(
            () => new RawGguf(pairs: 1).String("split.count").Put(2u).Put(3u).Load());

        Assert.Contains("one of the 3 parts", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_and_empty_files_are_told_apart()
    {
        string path = Path.GetTempFileName();
        try
        {
            GgufFormatException error = Assert.Throws<GgufFormatException>(() => GgufFile.Open(path));
            Assert.Contains("is empty", error.Message, StringComparison.Ordinal);
            File.WriteAllText(path, "GIF89a");
            error = Assert.Throws<GgufFormatException>(() => GgufFile.Open(path));
            Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }

        Assert.Throws<FileNotFoundException>(() => GgufFile.Open(path));
    }

    private static void Refuses(string expected, Func<GgufFile> load)
        => Assert.Contains(
            expected, Assert.Throws<GgufFormatException>(() => load()).Message, StringComparison.Ordinal);
}
