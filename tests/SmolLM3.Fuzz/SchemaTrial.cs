using System.Text.Json;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Constraints;
using SmolLM3.Extensions.Constraints.Masks;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Fuzz;

/// <summary>Compiles one schema as a request does, as the form of an answer and as a tool's, and follows texts of it.
/// </summary>
internal static class SchemaTrial
{
    /// <summary>Nothing may take longer at one go: a request waits, and all requests for a mask. All the work a compile
    /// may make is done in about two seconds on a slow core; twice that is work that is not counted.</summary>
    public static readonly TimeSpan MostTime = TimeSpan.FromSeconds(4);

    /// <summary>Bytes a grammar may keep while others are compiled.</summary>
    public const long MostKept = 500 << 20;

    private const long WorthLooking = 200 << 20;
    private const int Walks = 3;

    // As callers may have set it: readers stop at 64 unless told otherwise.
    private static readonly JsonDocumentOptions s_deep = new() { MaxDepth = 20_000 };
    private static readonly Lazy<Tokenizer> s_tokenizer = new(LoadTokenizer);

    /// <summary>Tries a schema twice, which must go alike. The time is the better one's: machines are busy.</summary>
    /// <param name="text">JSON, or perhaps not. A JSON string is a regular expression the answer must match.</param>
    /// <exception cref="FindingException">It hurts.</exception>
    public static TrialReport Run(byte[] text)
    {
        JsonElement schema;
        try
        {
            schema = JsonElement.Parse(text, s_deep);
        }
        catch (JsonException)
        {
            return new("no JSON", default, default, 0, 0, 0);
        }

        (TrialReport a, TrialReport b) = (Once(schema), Once(schema));
        if (a.Fingerprint != b.Fingerprint)
        {
            throw new FindingException("The same schema gave other masks the second time.");
        }

        TrialReport best = b with { Compile = Less(a.Compile, b.Compile), Step = Less(a.Step, b.Step) };
        return best.Slowest > MostTime ? throw new FindingException($"It is slow: {best}.")
            : best.Kept > MostKept ? throw new FindingException($"It takes memory: {best}.")
            : best;
    }

    private static TrialReport Once(JsonElement schema)
    {
        GrammarStore store = new(s_tokenizer.Value);
        store.ForForm(new AnswerForm());
        long before = GC.GetAllocatedBytesForCurrentThread();
        GrammarWalk walk = new(s_tokenizer.Value, Seed(schema));
        (CompiledGrammar? form, TimeSpan formTime) = Form(store, schema);
        (ToolGrammar tools, TimeSpan toolsTime) = Tools(store, schema);
        SchemaJudge judge = new(schema);
        for (int i = 0; i < Walks; i++)
        {
            if (form is not null && walk.Follow(form) is { } value && schema.ValueKind != JsonValueKind.String)
            {
                judge.Judge(SchemaJudge.Parse(value));
            }

            if (walk.Follow(tools.Grammar) is { } call)
            {
                JsonElement arguments = SchemaJudge.Parse(call).GetProperty("arguments");
                _ = arguments.ValueKind == JsonValueKind.Object ? 0
                    : throw new FindingException($"The arguments are no object: {call}");
                if (tools.Relaxed.Count == 0)
                {
                    judge.Judge(arguments);
                }
            }
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before, kept = 0;
        if (allocated > WorthLooking)
        {
            kept = GC.GetTotalMemory(forceFullCollection: true);
            GC.KeepAlive(store);
        }

        string outcome = (form, tools.Relaxed.Count) switch
        {
            (null, 0) => "refused, held to as a tool",
            (null, _) => "refused, relaxed as a tool",
            (_, 0) => "held to",
            _ => "held to, relaxed as a tool",
        };
        return new(
            outcome, formTime > toolsTime ? formTime : toolsTime, walk.Longest, allocated, kept, walk.Fingerprint);
    }

    private static (CompiledGrammar? Grammar, TimeSpan Time) Form(GrammarStore store, JsonElement schema)
    {
        BusyClock clock = new();
        CompiledGrammar? grammar = null;
        try
        {
            grammar = store.ForForm(schema.ValueKind == JsonValueKind.String
                ? new AnswerForm { Pattern = JsonText.Value(schema) }
                : new AnswerForm { Schema = schema });
        }
        catch (NotSupportedException)
        {
            // As documented.
        }
        catch (Exception error)
        {
            throw new FindingException($"As an answer's form: {error.GetType().Name}: {error.Message}", error);
        }

        return (grammar, clock.Elapsed);
    }

    private static (ToolGrammar Grammar, TimeSpan Time) Tools(GrammarStore store, JsonElement schema)
    {
        using MemoryStream text = new();
        using (Utf8JsonWriter writer = new(text, new JsonWriterOptions { MaxDepth = s_deep.MaxDepth + 2 }))
        {
            writer.WriteStartObject();
            writer.WriteString("name", "tool");
            writer.WritePropertyName("parameters");
            writer.WriteRawValue(schema.GetRawText(), skipInputValidation: true);
            writer.WriteEndObject();
        }

        JsonElement tool = JsonElement.Parse(
            text.ToArray(), new JsonDocumentOptions { MaxDepth = s_deep.MaxDepth + 2 });
        BusyClock clock = new();
        try
        {
            return (store.ForTools([tool]), clock.Elapsed);
        }
        catch (Exception error)
        {
            throw new FindingException($"As a tool: {error.GetType().Name}: {error.Message}", error);
        }
    }

    // The same for the same schema, in another process too.
    private static int Seed(JsonElement schema) =>
        schema.GetRawText().Aggregate(17, (seed, character) => unchecked((seed * 31) + character));

    private static TimeSpan Less(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static Tokenizer LoadTokenizer()
    {
        using GgufFile file = GgufFile.Open(Path.Combine(AppContext.BaseDirectory, "smollm3-tiny.gguf"));
        return Tokenizer.FromGguf(file);
    }
}
