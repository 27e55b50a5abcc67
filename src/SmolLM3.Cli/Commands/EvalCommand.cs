using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;

namespace SmolLM3.Cli.Commands;

/// <summary><c>smollm3 eval</c>: the logits after every token of a given sequence.</summary>
internal static class EvalCommand
{
    /// <summary>Tokens a pass; bounds the logits held at once to 64 x 128,256 x 4 bytes = 33 MB.</summary>
    private const int DefaultRows = 64;

    public static Command Create()
    {
        var model = Arguments.Model(required: true);
        var ids = new Option<FileInfo>("--ids")
        {
            Description = "A JSON array of token ids.", HelpName = "FILE", Required = true,
        };
        var logits = new Option<FileInfo>("--logits")
        {
            Description = "Where to write them: float32, little-endian, [tokens, vocabulary].",
            HelpName = "FILE",
            Required = true,
        };
        var rows = Arguments.Count(1, $"Tokens computed together; default {DefaultRows}.", "--rows");
        var threads = Arguments.Threads();
        var kernel = Arguments.Kernel();
        var kv = Arguments.Kv();
        var yarn = Arguments.Yarn();
        var lora = new Option<FileInfo?>("--lora")
        {
            Description = "A LoRA adapter in GGUF that is applied.", HelpName = "FILE",
        };
        var command = new Command("eval", "Writes the logits after every token of a sequence.")
        {
            model, ids, logits, rows, threads, kernel, kv, yarn, lora,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            int[] tokens = await ReadIdsAsync(result.GetRequiredValue(ids), cancellationToken);
            int together = Math.Min(result.GetValue(rows) ?? DefaultRows, tokens.Length);
            using GgufFile file = GgufFile.Open(result.GetRequiredValue(model).FullName);
            using var engine = new ManagedEngine(file, new EngineOptions
            {
                ContextLength = tokens.Length,
                MaxSequences = 1,
                MaxBatchRows = together,
                Threads = result.GetValue(threads),
                Kernels = result.GetValue(kernel),
                KvCacheType = result.GetValue(kv),
                YarnFactor = result.GetValue(yarn),
            });
            Apply(engine, result.GetValue(lora));
            await using FileStream output = result.GetRequiredValue(logits).Create();
            Write(engine, tokens, together, output, cancellationToken);
            return 0;
        });
        return command;
    }

    private static void Apply(IInferenceEngine engine, FileInfo? lora)
    {
        if (lora is not null)
        {
            using GgufFile adapter = GgufFile.Open(lora.FullName);
            engine.SetAdapters(sequence: 0, new AdapterSet(new AdapterUse(engine.LoadAdapter(adapter), Scale: 1)));
        }
    }

    private static async Task<int[]> ReadIdsAsync(FileInfo file, CancellationToken cancellationToken)
    {
        await using FileStream stream = file.OpenRead();
        int[]? tokens = await JsonSerializer.DeserializeAsync<int[]>(stream, cancellationToken: cancellationToken);
        return tokens is { Length: > 0 }
            ? tokens
            : throw new FormatException($"'{file.Name}' holds no token ids: a JSON array such as [1, 2, 3] is wanted.");
    }

    private static void Write(
        IInferenceEngine engine, int[] tokens, int rows, Stream output, CancellationToken cancellationToken)
    {
        var batch = new Batch(rows);
        for (int start = 0; start < tokens.Length; start += rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            batch.Clear();
            int end = Math.Min(start + rows, tokens.Length);
            for (int position = start; position < end; position++)
            {
                batch.Add(sequence: 0, position, tokens[position], logits: true);
            }

            if (engine.Forward(batch) == ForwardStatus.OutOfRoom)
            {
                throw new IOException($"{tokens.Length} tokens do not fit into the memory of this machine.");
            }

            for (int row = 0; row < batch.LogitsCount; row++)
            {
                output.Write(MemoryMarshal.AsBytes(engine.GetLogits(row)));
            }
        }
    }
}
