using System.CommandLine;
using System.Text.Json;
using SmolLM3.Cli.Models;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Cli.Commands;

/// <summary><c>smollm3 tokenize</c>: standard input, byte for byte, to token ids.</summary>
internal static class TokenizeCommand
{
    public static Command Create()
    {
        var model = Arguments.Model();
        var special = new Option<bool>("--special")
        {
            Description = "Match special tokens such as <|im_start|>; without it all text is ordinary text.",
        };
        var command = new Command("tokenize", "Writes the token ids of standard input as a JSON array.") { model, special };
        command.SetAction(async (result, cancellationToken) =>
        {
            using GgufFile file = LocalModels.Find(result.GetRequiredValue(model)).Open();
            byte[] input = await Input.ReadAsync(Input.Standard, cancellationToken);
            var ids = new List<int>();
            Tokenizer.FromGguf(file).Encode(
                input, result.GetValue(special) ? SpecialTokens.All : SpecialTokens.None, ids);
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(ids));
            return 0;
        });
        return command;
    }
}
