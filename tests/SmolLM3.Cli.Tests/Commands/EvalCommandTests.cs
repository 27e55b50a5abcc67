using System.Runtime.InteropServices;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;

namespace SmolLM3.Cli.Tests.Commands;

public sealed class EvalCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Writes_a_row_of_logits_a_token_over_several_passes()
    {
        // 70 tokens: one full pass of 64 rows and a rest.
        int[] ids = [.. Enumerable.Range(0, 70).Select(i => 40 + (i * 7 % 300))];
        string model = _folder.TinyModel();
        string output = _folder["logits.f32"];

        Smollm3.Result result = await Smollm3.RunAsync(
            "eval", "--model", model, "--ids", _folder.Write("ids.json", $"[{string.Join(",", ids)}]"), "--logits", output);

        Assert.Equal("", result.Error);
        float[] written = MemoryMarshal.Cast<byte, float>(await File.ReadAllBytesAsync(output)).ToArray();
        Assert.Equal(OneByOne(model, ids), written);
    }

    [Fact]
    public async Task An_adapter_changes_the_logits()
    {
        string model = _folder.TinyModel(), ids = _folder.Write("ids.json", "[40, 41, 42]"), lora = _folder["lora.gguf"];
        await Smollm3.RunAsync("synthetic", "--type", "F16", "--lora-for", model, "--rank", "4", "--out", lora);
        await Smollm3.RunAsync("eval", "--model", model, "--ids", ids, "--logits", _folder["plain"]);
        Smollm3.Result result = await Smollm3.RunAsync(
            "eval", "--model", model, "--ids", ids, "--logits", _folder["adapted"], "--lora", lora);
        Assert.Equal("", result.Error);
        byte[] plain = await File.ReadAllBytesAsync(_folder["plain"]);
        byte[] adapted = await File.ReadAllBytesAsync(_folder["adapted"]);
        Assert.Equal(plain.Length, adapted.Length);
        Assert.NotEqual(plain, adapted);

        result = await Smollm3.RunAsync(
            "eval", "--model", model, "--ids", ids, "--logits", _folder["adapted"], "--lora", model);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("no adapter", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[1, 99999999]", "Token id 99999999, number 2 of them, is none")]
    [InlineData("[1, -1]", "Token id -1")]
    [InlineData("[]", "no token ids")]
    [InlineData("[1, 99999999]", "99999999")]
    [InlineData("[1, -1]", "-1")]
    public async Task Bad_ids_are_refused(string ids, string expected)
    {
        Smollm3.Result result = await Smollm3.RunAsync(
            "eval", "--model", _folder.TinyModel(), "--ids", _folder.Write("ids.json", ids), "--logits", _folder["l"]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    private static float[] OneByOne(string model, int[] ids)
    {
        using GgufFile file = GgufFile.Open(model);
        using var engine = new ManagedEngine(file, new EngineOptions { ContextLength = ids.Length });
        var batch = new Batch(1);
        var logits = new List<float>();
        for (int i = 0; i < ids.Length; i++)
        {
            batch.Clear();
            batch.Add(0, i, ids[i], logits: true);
            engine.Forward(batch);
            logits.AddRange(engine.GetLogits(0));
        }

        return [.. logits];
    }
}
