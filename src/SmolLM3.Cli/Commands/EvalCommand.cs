using System.CommandLine;
using SmolLM3.Cli.Benchmarks;
using SmolLM3.Cli.Evaluation;
using SmolLM3.Cli.Models;
using SmolLM3.Extensions.Loading;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Cli.Commands;

/// <summary><c>smollm3 eval</c>: the perplexity of a text, or the logits after each of its tokens.</summary>
internal static class EvalCommand
{
    /// <summary>Tokens a pass; bounds the logits held at once to 64 x 128,256 x 4 bytes = 33 MB.</summary>
    private const int DefaultRows = 64;

    /// <summary>The window most published perplexities are of.</summary>
    private const int DefaultContext = 2048;

    public static Command Create()
    {
        var model = Arguments.Model();
        var text = new Option<string?>("--text")
        {
            Description = "A text, byte for byte; - reads standard input.", HelpName = "FILE",
        };
        var ids = new Option<FileInfo?>("--ids") { Description = "A JSON array of token ids instead.", HelpName = "FILE" };
        var logits = new Option<FileInfo?>("--logits")
        {
            Description = "Writes the logits after every token here: float32, little-endian, [tokens, vocabulary].",
            HelpName = "FILE",
        };
        var context = Arguments.Count(
            2, $"Most tokens of a window; default {DefaultContext:N0}, or what the model was trained for.", "--context", "-c");
        var stride = Arguments.Count(1, "Tokens from one window to the next; default half a window.", "--stride");
        var rows = Arguments.Count(1, $"Tokens computed together; default {DefaultRows}.", "--rows");
        var threads = Arguments.Threads();
        var kernel = Arguments.Kernel();
        var kv = Arguments.Kv();
        var yarn = Arguments.Yarn();
        var lora = new Option<FileInfo?>("--lora")
        {
            Description = "A LoRA adapter in GGUF that is applied.", HelpName = "FILE",
        };
        var json = Arguments.Json();
        var command = new Command("eval", "Writes the perplexity of a text, or the logits after every token.")
        {
            model, text, ids, logits, context, stride, rows, threads, kernel, kv, yarn, lora, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(text) is null == result.GetValue(ids) is null)
            {
                result.AddError("One of --text FILE and --ids FILE is wanted.");
            }

            Option[] ofPerplexity = [context, stride, json];
            if (result.GetValue(logits) is not null
                && ofPerplexity.FirstOrDefault(option => Arguments.IsGiven(result, option)) is { } wrong)
            {
                result.AddError($"{wrong.Name} is of the perplexity, in whose place --logits asks for logits.");
            }
        });
        command.SetAction(async (result, cancellationToken) =>
        {
            int[]? given = result.GetValue(ids) is { } array ? await ReadIdsAsync(array, cancellationToken) : null;
            byte[] bytes = result.GetValue(text) is { } name ? await Input.ReadAsync(name, cancellationToken) : [];
            ModelSource source = await LocalModels.FetchAsync(result.GetRequiredValue(model), cancellationToken);
            using GgufFile file = source.Open();
            int[] tokens = given ?? Encode(file, bytes);
            bool wantsLogits = result.GetValue(logits) is not null;
            Perplexity perplexity = wantsLogits
                ? new(tokens.Length, 1)
                : Window(result.GetValue(context), result.GetValue(stride), file, tokens.Length);
            int together = Math.Min(result.GetValue(rows) ?? DefaultRows, perplexity.Context);
            using var engine = new ManagedEngine(file, new EngineOptions
            {
                ContextLength = perplexity.Context,
                MaxSequences = 1,
                MaxBatchRows = together,
                Threads = result.GetValue(threads),
                Kernels = result.GetValue(kernel),
                KvCacheType = result.GetValue(kv),
                YarnFactor = result.GetValue(yarn),
            });
            if (Array.FindIndex(tokens, id => (uint)id >= (uint)engine.Model.VocabularySize) is >= 0 and int at)
            {
                throw new FormatException(
                    $"Token id {tokens[at]}, number {at + 1} of them, is none: the model has {engine.Model.VocabularySize}.");
            }

            Apply(engine, result.GetValue(lora));
            await Task.Yield(); // Ctrl-C is only heard once the action has returned to its caller.
            if (wantsLogits)
            {
                await using FileStream output = result.GetRequiredValue(logits)!.Create();
                LogitsFile.Write(new Rows(engine, together), tokens, output, cancellationToken);
                return 0;
            }

            PerplexityResult found = Measure(perplexity, engine, together, tokens, source.Name, cancellationToken);
            await Console.Out.WriteLineAsync(result.GetValue(json) ? Json.Page(found) : found.ToText());
            return 0;
        });
        return command;
    }

    private static Perplexity Window(int? context, int? stride, GgufFile file, int tokens)
    {
        if (tokens < 2)
        {
            throw new FormatException("A perplexity takes two tokens at least: the first is foretold by nothing.");
        }

        int length = context ?? Math.Min(DefaultContext, ModelConfigReader.Read(file).TrainedContextLength);
        int step = stride ?? Math.Max(1, length / 2);
        return step < length
            ? new(length, step)
            : throw new ArgumentException($"--stride {step:N0} leaves a window of {length:N0} nothing to begin with.");
    }

    private static PerplexityResult Measure(
        Perplexity perplexity,
        ManagedEngine engine,
        int together,
        int[] tokens,
        string model,
        CancellationToken cancellationToken)
    {
        Perplexity.Window[] windows = [.. perplexity.Windows(tokens.Length)];
        int passes = windows.Sum(window => new Rows(engine, together).Passes(window.End - 1 - window.Start));
        double mean = 0;
        BenchProgress.Run(passes, show: true, progress =>
        {
            Rows rows = new(engine, together) { OnPass = () => progress.Step($"{tokens.Length:N0} tokens") };
            mean = perplexity.Measure(rows, tokens, cancellationToken);
        });
        if (!double.IsFinite(Math.Exp(mean)))
        {
            throw new FormatException($"The perplexity of {model} is no number: its file is damaged.");
        }

        return new(
            model, tokens.Length, perplexity.Context, perplexity.Stride, windows.Length, mean, Math.Exp(mean));
    }

    private static int[] Encode(GgufFile file, byte[] text)
    {
        List<int> ids = [];
        Tokenizer.FromGguf(file).Encode(text, SpecialTokens.None, ids);
        return [.. ids];
    }

    private static void Apply(IInferenceEngine engine, FileInfo? lora)
    {
        if (lora is not null)
        {
            using GgufFile adapter = GgufFile.Open(lora.FullName);
            engine.SetAdapters(sequence: 0, new AdapterSet(new AdapterUse(engine.LoadAdapter(adapter), Scale: 1)));
        }
    }

    private static async Task<int[]> ReadIdsAsync(FileInfo file, CancellationToken cancellationToken) =>
        await JsonFile.ReadAsync<int[]>(file, cancellationToken) is { Length: > 0 } tokens
            ? tokens
            : throw new FormatException($"'{file.Name}' holds no token ids: a JSON array such as [1, 2, 3] is wanted.");
}
