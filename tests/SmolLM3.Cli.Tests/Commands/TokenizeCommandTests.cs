using System.Text;
using System.Text.Json;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Cli.Tests.Commands;

public sealed class TokenizeCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Special_tokens_are_text_until_asked_for()
    {
        byte[] input = Encoding.UTF8.GetBytes("<|im_start|>user\nHallo<think>");
        string model = _folder.TinyModel();
        using GgufFile file = GgufFile.Open(model);
        var tokenizer = Tokenizer.FromGguf(file);

        int[] plain = Ids(await Smollm3.RunAsync(input, "tokenize", "--model", model));
        int[] special = Ids(await Smollm3.RunAsync(input, "tokenize", "--model", model, "--special"));

        Assert.True(tokenizer.TryGetAddedToken("<|im_start|>", out int start));
        Assert.True(tokenizer.TryGetAddedToken("<think>", out int think));
        Assert.DoesNotContain(start, plain);
        Assert.DoesNotContain(think, plain);
        Assert.Equal(start, special[0]);
        Assert.Equal(think, special[^1]);
        Assert.Equal("<|im_start|>user\nHallo<think>", tokenizer.Decode(plain));
    }

    [Fact]
    public async Task Input_is_taken_byte_for_byte()
    {
        byte[] input = [0xEF, 0xBB, 0xBF, (byte)'a', 0xFF, 0x00, (byte)'\r', (byte)'\n'];
        string model = _folder.TinyModel();
        using GgufFile file = GgufFile.Open(model);
        var tokenizer = Tokenizer.FromGguf(file);

        int[] ids = Ids(await Smollm3.RunAsync(input, "tokenize", "--model", model));

        Assert.Equal(input, ids.SelectMany(id => tokenizer.GetBytes(id).ToArray()));
    }

    [Fact]
    public async Task A_missing_file_is_named_on_standard_error()
    {
        Smollm3.Result result = await Smollm3.RunAsync([], "tokenize", "--model", _folder["none.gguf"]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("none.gguf", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    private static int[] Ids(Smollm3.Result result)
    {
        Assert.Equal("", result.Error);
        return JsonSerializer.Deserialize<int[]>(result.Output)!;
    }
}
