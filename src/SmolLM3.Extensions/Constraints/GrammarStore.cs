using System.Text;
using System.Text.Json;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Constraints.Grammars;
using SmolLM3.Extensions.Constraints.Masks;
using SmolLM3.Extensions.Constraints.Patterns;
using SmolLM3.Extensions.Constraints.Schemas;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Constraints;

/// <summary>
/// Compiles what requests ask for and keeps the grammars of the last ones, with all that was found out about their
/// states: agents send the same tools again and again. Thread-safe; the grammars are for the thread that samples.
/// </summary>
internal sealed class GrammarStore(Tokenizer tokenizer)
{
    // Each may grow to some megabytes of states and masks.
    private const int MostGrammars = 32;
    private const long MostWorkKept = 4 * GrammarWork.DefaultMost;

    // A hostile tool must not take what the others need.
    private const int MostNodesOfTool = 50_000;
    private const long MostWorkOfTool = GrammarWork.DefaultMost / 2;

    // A warning lists so many parts of a schema that are left out.
    private const int MostNamed = 20;

    private static readonly Subschema s_object = new("#arguments", JsonElement.Parse("""{"type":"object"}"""));

    private readonly Lazy<VocabularyMasks> _vocabulary = new(() => new VocabularyMasks(tokenizer));
    private readonly Lock _lock = new();
    private readonly OrderedDictionary<string, ToolGrammar> _kept = new(StringComparer.Ordinal);

    /// <summary>Texts of a form.</summary>
    /// <exception cref="NotSupportedException">The form asks for what cannot be enforced.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public CompiledGrammar ForForm(AnswerForm form, CancellationToken cancellationToken = default) => form switch
    {
        { Choices: { } choices } => Get(
            "choices:" + string.Concat(choices.Select(choice => $"{choice.Length}:{choice}")),
            grammar => grammar.Either(choices.Select(grammar.Literal)),
            cancellationToken),
        { Pattern: { } pattern } => Get("pattern:" + pattern, grammar => Match(grammar, pattern), cancellationToken),
        { Schema: { } schema } => Get(
            "schema:" + schema.GetRawText(),
            grammar => SchemaCompiler.Compile(
                grammar, new JsonLanguage(grammar), schema, new SchemaReport(SchemaMode.Strict)),
            cancellationToken),
        _ => Get("json", grammar => new JsonLanguage(grammar).Any, cancellationToken),
    };

    /// <summary>What stands between the tags of a call to one of some tools. Parts of their schemas that cannot be
    /// enforced are left out.</summary>
    /// <param name="tools">Dictionaries as the prompt shows them.</param>
    /// <param name="cancellationToken">Stops compiling.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public ToolGrammar ForTools(IReadOnlyList<JsonElement> tools, CancellationToken cancellationToken = default)
    {
        StringBuilder key = new("tools:");
        foreach (JsonElement tool in tools)
        {
            key.Append(tool.GetProperty("name").GetRawText()).Append(tool.GetProperty("parameters").GetRawText());
        }

        return Get(
            key.ToString(),
            (grammar, relaxed) =>
            {
                JsonLanguage json = new(grammar);
                Node call = grammar.Either(tools.Select(tool => Call(grammar, json, tool, relaxed)));
                return grammar.Concatenate(grammar.Literal("\n{\"name\": "), call, grammar.Literal("}\n"));
            },
            cancellationToken);
    }

    private static Node Match(Grammar grammar, string pattern)
    {
        // By itself first: groups around it would lend it their brackets.
        PatternParser.Parse(grammar, pattern, PlainCharacters.Of);
        Node node = grammar.Atom(PatternParser.Parse(grammar, $"^(?:{pattern})$", PlainCharacters.Of));
        return !node.IsDead ? node : throw new NotSupportedException($"No text matches the pattern '{pattern}'.");
    }

    private static Node Call(Grammar grammar, JsonLanguage json, JsonElement tool, List<RelaxedTool> relaxed)
    {
        string name = JsonText.Value(tool.GetProperty("name"));
        SchemaReport report = new(SchemaMode.BestEffort);
        Node arguments;
        grammar.MostNodes = Math.Min(grammar.Count + MostNodesOfTool, Grammar.DefaultMostNodes);
        grammar.Work.Allow(Math.Min(MostWorkOfTool, GrammarWork.DefaultMost - grammar.Work.Spent));
        try
        {
            // Arguments are an object, whatever the schema says or forgets.
            arguments = SchemaCompiler.Compile(grammar, json, tool.GetProperty("parameters"), report, s_object);
            if (report.Relaxed.Count > 0)
            {
                relaxed.Add(new(name, What(report.Relaxed)));
            }
        }
        catch (NotSupportedException error)
        {
            arguments = json.AnyObject;
            relaxed.Add(new(name, error.Message));
        }

        // Names and the like always find room.
        grammar.MostNodes = int.MaxValue;
        grammar.Work.Allow(long.MaxValue / 2);
        return grammar.Concatenate(
            grammar.Literal(PythonJson.Quote(name) + ", \"arguments\": "), arguments);
    }

    private static string What(IReadOnlyCollection<string> places) =>
        string.Join(", ", places.Take(MostNamed))
        + (places.Count > MostNamed ? $" and {places.Count - MostNamed} more" : "");

    private CompiledGrammar Get(string key, Func<Grammar, Node> make, CancellationToken cancellationToken) =>
        Get(key, (grammar, _) => make(grammar), cancellationToken).Grammar;

    private ToolGrammar Get(
        string key, Func<Grammar, List<RelaxedTool>, Node> make, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_kept.Remove(key, out ToolGrammar? kept) && !kept.Grammar.IsWorn)
            {
                _kept.Add(key, kept);
                return kept;
            }
        }

        Grammar grammar = new() { Work = new(cancellationToken) };
        List<RelaxedTool> relaxed = [];
        ToolGrammar made = new(new CompiledGrammar(grammar, make(grammar, relaxed), _vocabulary.Value), relaxed);
        lock (_lock)
        {
            _kept.Remove(key);
            _kept.Add(key, made);
            while (_kept.Count > MostGrammars
                || (_kept.Count > 1 && _kept.Values.Sum(each => each.Grammar.Work) > MostWorkKept))
            {
                _kept.RemoveAt(0);
            }
        }

        return made;
    }
}
