using System.CommandLine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Synthetic;

namespace SmolLM3.Cli.Commands;

/// <summary><c>smollm3 synthetic</c>: a small random-weight file, to compare engines on every tensor type, or an adapter
/// for one.</summary>
internal static class SyntheticCommand
{
    public static Command Create()
    {
        var type = new Option<GgufTensorType>("--type") { Description = "Type of every matrix.", Required = true };
        var output = new Option<FileInfo>("--out") { Description = "The file to write.", HelpName = "FILE", Required = true };
        Option<int> hidden = Size("--hidden", "Width.", 256), layers = Size("--layers", "Layers.", 8);
        Option<int> heads = Size("--heads", "Attention heads.", 4);
        Option<int> kvHeads = Size("--kv-heads", "Heads for keys and values.", 2);
        Option<int> ffn = Size("--ffn", "Width of the feed-forward.", 512);
        Option<int> vocabulary = Size("--vocabulary", "Tokens.", 2048);
        var untied = new Option<bool>("--untied") { Description = "Give the output head a matrix of its own." };
        var yarn = new Option<float?>("--yarn") { Description = "Declare YaRN scaling by this factor." };
        var loraFor = new Option<FileInfo?>("--lora-for")
        {
            Description = "Write a LoRA adapter for this model instead; sizes are the model's.", HelpName = "FILE",
        };
        Option<int> rank = Size("--rank", "Rank of the adapter.", 16);
        var command = new Command("synthetic", "Writes a small random-weight SmolLM3 file, or an adapter for one.")
        {
            type, output, hidden, layers, heads, kvHeads, ffn, vocabulary, untied, yarn, loraFor, rank,
        };
        command.SetAction(result =>
        {
            if (result.GetValue(loraFor) is { } file)
            {
                using GgufFile model = GgufFile.Open(file.FullName);
                SyntheticAdapter.Write(
                    result.GetRequiredValue(output).FullName,
                    model,
                    new() { Rank = result.GetValue(rank), TensorType = result.GetValue(type) });
                return;
            }

            SyntheticModel.Write(result.GetRequiredValue(output).FullName, new SyntheticModelOptions
            {
                TensorType = result.GetValue(type),
                HiddenSize = result.GetValue(hidden),
                LayerCount = result.GetValue(layers),
                HeadCount = result.GetValue(heads),
                KeyValueHeadCount = result.GetValue(kvHeads),
                FeedForwardSize = result.GetValue(ffn),
                VocabularySize = result.GetValue(vocabulary),
                ContextLength = 4096,
                TieEmbeddings = !result.GetValue(untied),
                YarnFactor = result.GetValue(yarn),
                YarnOriginalContextLength = 2048,
    });
        });
        return command;
    }

    private static Option<int> Size(string name, string description, int value) =>
        new(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => value };
}
