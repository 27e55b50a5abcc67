using SmolLM3.Extensions.Models;

namespace SmolLM3.Extensions.Tests.Models;

public sealed class ModelReferenceTests
{
    [Theory]
    [InlineData("owner/repo", "owner/repo", null, null)]
    [InlineData("ggml-org/SmolLM3-3B-GGUF:Q8_0", "ggml-org/SmolLM3-3B-GGUF", "Q8_0", null)]
    [InlineData("owner/repo/file.gguf", "owner/repo", null, "file.gguf")]
    [InlineData("owner/repo/BF16/file.GGUF", "owner/repo", null, "BF16/file.GGUF")]
    [InlineData("owner/repo.gguf:F16", "owner/repo.gguf", "F16", null)]
    [InlineData("HuggingFaceTB/SmolLM3-3B", "ggml-org/SmolLM3-3B-GGUF", null, null)]
    [InlineData("huggingfacetb/smollm3-3b:f16", "ggml-org/SmolLM3-3B-GGUF", "f16", null)]
    [InlineData("HuggingFaceTB/SmolLM3-3B-Base", "mradermacher/SmolLM3-3B-Base-GGUF", null, null)]
    public void Names_are_read(string name, string repository, string? quantization, string? file)
    {
        Assert.True(ModelReference.TryParse(name, out ModelReference? reference));
        Assert.Equal(new(name, repository, quantization, file), reference);
    }

    [Theory]
    [InlineData("")]
    [InlineData("model.gguf")]
    [InlineData("models/model.gguf")]
    [InlineData("./owner/repo")]
    [InlineData("../owner/repo")]
    [InlineData("/owner/repo")]
    [InlineData("~/owner/repo")]
    [InlineData("C:/owner/repo.gguf")]
    [InlineData(@"owner\repo")]
    [InlineData("owner/re..po")]
    [InlineData("owner/../file.gguf")]
    [InlineData("owner/repo/../../file.gguf")]
    [InlineData("owner/repo//file.gguf")]
    [InlineData("owner/repo/file.bin")]
    [InlineData("owner/repo/dir/")]
    [InlineData("owner--a/repo")]
    [InlineData("owner/repo:")]
    [InlineData("owner/repo:Q4/x")]
    [InlineData("owner/repo\n")]
    [InlineData("öwner/repo")]
    public void What_is_none_can_only_be_a_path(string text) => Assert.False(ModelReference.TryParse(text, out _));

    [Fact]
    public void A_file_that_is_there_and_the_folder_of_one_that_is_not_win_over_the_hub()
    {
        Directory.CreateDirectory("models-here/sub");
        try
        {
            Assert.False(ModelReference.IsMeant("models-here/sub/missing.gguf", out _));
            Assert.True(ModelReference.IsMeant("models-here/other/missing.gguf", out _));
            Assert.True(ModelReference.IsMeant("models-here/sub", out _));
            File.WriteAllText("models-here/file", "");
            Assert.False(ModelReference.IsMeant("models-here/file", out _));
        }
        finally
        {
            Directory.Delete("models-here", recursive: true);
        }
    }

    [Fact]
    public void The_quantization_chooses_and_Q4_K_M_is_the_default()
    {
        string[] files =
        [
            "README.md", "SmolLM3-Q8_0.gguf", "SmolLM3-f16.gguf", "SmolLM3-UD-Q4_K_M.gguf", "SmolLM3-Q4_K_M.gguf",
            "mmproj-SmolLM3-Q4_K_M.gguf", "BF16/SmolLM3-BF16.gguf", "SmolLM3-UD-Q4_K_XL.gguf",
        ];
        Assert.Equal("SmolLM3-Q4_K_M.gguf", Choose("o/r", files));
        Assert.Equal("SmolLM3-Q8_0.gguf", Choose("o/r:q8_0", files));
        Assert.Equal("SmolLM3-f16.gguf", Choose("o/r:F16", files));
        Assert.Equal("BF16/SmolLM3-BF16.gguf", Choose("o/r:BF16", files));
        Assert.Equal("SmolLM3-UD-Q4_K_XL.gguf", Choose("o/r:Q4_K_XL", files));
        Assert.Equal("SmolLM3-UD-Q4_K_M.gguf", Choose("o/r:UD-Q4_K_M", files));
        Assert.Equal("SmolLM3-f16.gguf", Choose("o/r/SmolLM3-f16.gguf", files));
        Assert.Null(Choose("o/r:Q5_K_M", files));
        Assert.Null(Choose("o/r:K_M", ["a-Q4_K_L.gguf"]));
        Assert.Null(Choose("o/r/other.gguf", files));
    }

    [Fact]
    public void The_only_file_of_all_will_do_where_nobody_said_which()
    {
        string[] one = ["tiny.gguf", "imatrix.gguf", "mmproj-F16.gguf"];
        Assert.Equal("tiny.gguf", TemporaryCache.Reference("o/r").Choose(one, isAll: true));
        Assert.Null(TemporaryCache.Reference("o/r").Choose(one, isAll: false));
        Assert.Null(TemporaryCache.Reference("o/r:Q8_0").Choose(one, isAll: true));
        Assert.Null(TemporaryCache.Reference("o/r").Choose(["a-Q8_0.gguf", "a-F16.gguf"], isAll: true));
    }

    [Fact]
    public void Parts_of_split_models_are_not_chosen_but_by_their_very_names()
    {
        string[] files = ["m-Q4_K_M-00001-of-00002.gguf", "m-Q4_K_M-00002-of-00002.gguf", "m-Q8_0.gguf"];
        Assert.Null(Choose("o/r:Q4_K_M", files));
        Assert.Equal("m-Q8_0.gguf", Choose("o/r", files));
        Assert.Equal(files[0], Choose("o/r/" + files[0], files));
        Assert.Equal([true, true, false], files.Select(GgufNames.IsPart));
    }

    [Theory]
    [InlineData("SmolLM3-Q4_K_M-00001-of-00002.gguf", "Q4_K_M")]
    [InlineData("SmolLM3-Q4_K_M.gguf", "Q4_K_M")]
    [InlineData("BF16/smollm3.bf16.gguf", "BF16")]
    [InlineData("SmolLM3-3B-UD-IQ2_XXS.gguf", "UD-IQ2_XXS")]
    [InlineData("SmolLM3-3B.gguf", null)]
    public void Names_tell_their_quantization(string file, string? quantization) =>
        Assert.Equal(quantization, GgufNames.QuantizationOf(file));

    private static string? Choose(string name, string[] files) =>
        TemporaryCache.Reference(name).Choose(files, isAll: true);
}
