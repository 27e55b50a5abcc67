using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using SmolLM3.Extensions.Constraints.Grammars;
using SmolLM3.Extensions.Constraints.Masks;
using SmolLM3.Extensions.Constraints.Schemas;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Synthetic;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Benchmarks;

/// <summary>
/// What holding an answer to a schema costs: compiling, and for each token of an answer finding the mask and applying
/// it to the logits. A request's first tokens meet states nobody asked for before; a second request finds their masks
/// kept, and only applies them.
/// </summary>
internal static class ConstraintReport
{
    private const int Rounds = 20;

    private sealed record Row(
        string Name, double Compile, int Tokens, int Settled, double[] First, double[] Again);

    /// <summary>Measures and writes the page.</summary>
    /// <param name="path">The page.</param>
    /// <param name="model">A GGUF whose vocabulary is taken; null: a synthetic one of SmolLM3's size.</param>
    public static void Write(string path, string? model)
    {
        Tokenizer tokenizer = model is null ? Synthetic() : FromFile(model);
        long start = Stopwatch.GetTimestamp();
        VocabularyMasks vocabulary = new(tokenizer);
        TimeSpan tree = Stopwatch.GetElapsedTime(start);
        (string Name, string Schema, string Text)[] cases = [.. ConstraintCases.All];
        foreach ((_, string schema, string text) in cases)
        {
            // Once for the compiler's sake, with a vocabulary of its own.
            Measure("", schema, text, new VocabularyMasks(tokenizer), tokenizer);
        }

        Row[] rows = [.. cases.Select(c => Measure(c.Name, c.Schema, c.Text, vocabulary, tokenizer))];
        File.WriteAllText(path, ToPage(rows, tokenizer, tree, model is null).ReplaceLineEndings("\n"));
    }

    private static Row Measure(
        string name, string schema, string text, VocabularyMasks vocabulary, Tokenizer tokenizer)
    {
        JsonElement parsed = JsonElement.Parse(schema);
        List<double> compile = [], first = [], again = [];
        int tokens = 0, settled = 0;
        for (int round = 0; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            Grammar grammar = new();
            Node node = SchemaCompiler.Compile(
                grammar, new JsonLanguage(grammar), parsed, new SchemaReport(SchemaMode.Strict));
            compile.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            CompiledGrammar compiled = new(grammar, node, vocabulary);
            (tokens, settled) = Follow(compiled, tokenizer, text, first);
            Follow(compiled, tokenizer, text, again);
        }

        return new Row(name, Median(compile), tokens, settled, [.. first.Order()], [.. again.Order()]);
    }

    // The text as the model would write it: settled tokens come unasked, the others are its usual ones.
    private static (int Tokens, int Settled) Follow(
        CompiledGrammar grammar, Tokenizer tokenizer, string text, List<double> microseconds)
    {
        GrammarCursor cursor = new(grammar);
        float[] logits = new float[tokenizer.VocabularySize];
        int tokens = 0, settled = 0;
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(text);
        for (int at = 0; at < bytes.Length; tokens++)
        {
            Array.Clear(logits);
            long start = Stopwatch.GetTimestamp();
            bool isForced = cursor.TryForce(out int token);
            if (!isForced)
            {
                cursor.Mask(logits, []);
            }

            double searched = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            if (!isForced)
            {
                List<int> rest = [];
                tokenizer.Encode(bytes.AsSpan(at), SpecialTokens.None, rest);
                token = rest[0];
            }

            start = Stopwatch.GetTimestamp();
            cursor.Accept(token);
            microseconds.Add(searched + Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            settled += isForced ? 1 : 0;
            at += tokenizer.GetBytes(token).Length;
        }

        return cursor.CanEnd ? (tokens, settled) : throw new InvalidOperationException($"It does not end: {text}");
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static double Share(double[] sorted, double share) =>
        sorted[Math.Min((int)(sorted.Length * share), sorted.Length - 1)];

    private static string ToPage(Row[] rows, Tokenizer tokenizer, TimeSpan tree, bool isSynthetic)
    {
        Row[] usual = [.. rows.Where(row => !row.Name.StartsWith("200", StringComparison.Ordinal))];
        double[] first = [.. usual.SelectMany(row => row.First).Order()];
        double[] again = [.. usual.SelectMany(row => row.Again).Order()];
        Row all = new("**all but the wide ones**", 0, 0, 0, first, again);
        IEnumerable<string> lines = rows.Append(all).Select(row => string.Create(
            CultureInfo.InvariantCulture,
            $"| {row.Name} | {(row.Tokens > 0 ? $"{row.Compile:F2} | {row.Tokens} | {row.Settled}" : " | |")} | "
            + $"{Share(row.First, 0.5):F1} | {Share(row.First, 0.99):F0} | "
            + $"{Share(row.Again, 0.5):F1} | {Share(row.Again, 0.99):F0} |"));
        return $"""
            # Constraints

            Written by
            `dotnet run -c Release --project tests/SmolLM3.Benchmarks -- constraints docs/benchmarks/constraints.md` on
            one thread, {RuntimeInformation.FrameworkDescription}, {DateTime.UtcNow:yyyy-MM-dd}, with
            {(isSynthetic ? "a synthetic vocabulary" : "the vocabulary of a file")} of {tokenizer.VocabularySize:N0} tokens,
            whose tree takes {tree.TotalMilliseconds:F0} ms once a model.

            A token's time: whether it is settled, else its mask, found and applied to the logits, and the step over it.
            "First" is an answer by a grammar that was compiled just before; "again" a second one by the same grammar.
            Milliseconds to compile, microseconds a token; {Rounds} rounds.

            | schema | compile, ms | tokens | settled | first: median, µs | 99 % | again: median, µs | 99 % |
            |---|---|---|---|---|---|---|---|
            {string.Join('\n', lines)}

            """;
    }

    private static Tokenizer FromFile(string path)
    {
        using GgufFile file = GgufFile.Open(path);
        return Tokenizer.FromGguf(file);
    }

    private static Tokenizer Synthetic()
    {
        using MemoryStream stream = new();
        SyntheticModel.Write(stream, new SyntheticModelOptions
        {
            LayerCount = 1, HiddenSize = 256, FeedForwardSize = 256, HeadCount = 2, KeyValueHeadCount = 1,
        });
        stream.Position = 0;
        using GgufFile file = GgufFile.Load(stream);
        return Tokenizer.FromGguf(file);
    }
}
