using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Sampling;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;

namespace SmolLM3.Benchmarks;

/// <summary>
/// What drafting saves where an answer copies and costs where it does not: every pick of the sampler is replaced by the
/// next token of a recorded answer, so that acceptance is that of real text and cost that of the model.
/// </summary>
internal static class DraftingReport
{
    private const int Rounds = 2;

    private sealed record Answer(string Name, int[] Prompt, [property: JsonPropertyName("answer")] int[] Tokens);

    private sealed record Recording(string Note, Answer[] Tasks);

    /// <summary>Measures on a file and writes the page.</summary>
    public static async Task WriteAsync(string path, string model)
    {
        using GgufFile file = GgufFile.Open(model);
        StringBuilder rows = new();
        foreach (Answer task in Read().Tasks)
        {
            double drafted = double.MaxValue, plain = double.MaxValue;
            for (int round = 0; round < Rounds; round++)
            {
                plain = Math.Min(plain, await MeasureAsync(file, task, drafts: false));
                drafted = Math.Min(drafted, await MeasureAsync(file, task, drafts: true));
            }

            int tokens = task.Tokens.Length - 1;
            rows.Append(CultureInfo.InvariantCulture, $"| {task.Name} | {task.Prompt.Length} | {task.Tokens.Length} ")
                .Append(CultureInfo.InvariantCulture, $"| {tokens / plain:F1} | {tokens / drafted:F1} ")
                .Append(CultureInfo.InvariantCulture, $"| {plain / drafted:F2} |\n");
            Console.Write(rows.ToString());
        }

        File.WriteAllText(path, $"""
            # Drafting from the prompt

            Written by `dotnet run -c Release --project tests/SmolLM3.Benchmarks -- drafting FILE.gguf
            docs/benchmarks/drafting.md`: {Path.GetFileName(model)}, {BenchmarkSettings.Threads} threads,
            {RuntimeInformation.FrameworkDescription}, {DateTime.UtcNow:yyyy-MM-dd}; from the first token of the
            answer to its last, the best of {Rounds} rounds each, one after the other. Whatever the sampler picks is
            replaced by the next token of a recorded answer: the cost is the model's, the share of guesses that stand
            that of real text.

            | answer | prompt tokens | answer tokens | tokens/s without | with drafts | ratio |
            |---|---|---|---|---|---|
            {rows}
            """.ReplaceLineEndings("\n"));
    }

    private static Recording Read()
    {
        using Stream stream = typeof(DraftingReport).Assembly.GetManifestResourceStream("drafting.json")!;
        return JsonSerializer.Deserialize<Recording>(stream, JsonSerializerOptions.Web)!;
    }

    private static async Task<double> MeasureAsync(GgufFile file, Answer task, bool drafts)
    {
        using var engine = new ManagedEngine(file, new EngineOptions
        {
            ContextLength = 2048,
            MaxSequences = 1,
            Threads = BenchmarkSettings.Threads,
        });
        await using var generator = new LocalGenerator(engine, options: new() { DraftsFromPrompt = drafts });
        long first = 0;
        await foreach (GeneratedToken _ in generator.GenerateAsync(new GenerationRequest
        {
            PromptTokens = task.Prompt,
            Sampling = new SamplingOptions { Temperature = 0, Seed = 1 },
            StopTokens = [],
            MaxTokens = task.Tokens.Length,
            Constraints = [new Recorded(task.Tokens)],
        }))
        {
            first = first == 0 ? Stopwatch.GetTimestamp() : first;
        }

        return Stopwatch.GetElapsedTime(first).TotalSeconds;
    }

    /// <summary>Lets the sampler pick the recorded token alone; it is not forced, which would need no step.</summary>
    private sealed class Recorded(int[] answer) : ITokenConstraint
    {
        private int _position;

        public bool TryForce(out int token)
        {
            token = -1;
            return false;
        }

        public void Mask(Span<float> logits) => logits[answer[_position]] = float.MaxValue;

        public void Accept(int token) => _position++;
    }
}
