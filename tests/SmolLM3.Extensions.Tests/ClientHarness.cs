using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using SmolLM3.Extensions.Adapters;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Loading;
using SmolLM3.Extensions.Tests.Chat;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Tests;

/// <summary>A client over scripted answers and the tiny model's tokenizer.</summary>
internal sealed class ClientHarness
{
    public const string ModelId = "scripted";

    private readonly Queue<string> _answers;

    /// <param name="answers">What the model says, one for each request, special tokens spelt out.
    /// <c>&lt;|im_end|&gt;</c> is added.</param>
    public ClientHarness(params string[] answers)
    {
        _answers = new(answers);
        Generator = new ScriptedGenerator(Answer, Words.VocabularySize);
        Model = new SharedModel(() =>
        {
            Loads++;
            return LoadFailure is { } failure ? throw failure : new LoadedModel
            {
                Tokenizer = Words,
                Vocabulary = new ChatVocabulary(Words),
                Generator = Generator,
                Model = new ModelInfo("smollm3", "Scripted", Words.VocabularySize, 4096, 1, 1),
                Engine = new EngineInfo("scripted", "none", 1, true),
                ContextLength = ContextLength,
                Adapters = Adapters,
            };
        });
        Client = new SmolLM3ChatClient(Options.UseModel(ModelId, () => Stream.Null), _ => Model, Logs, Time);
        Assert.True(Model.TryHold());
    }

    /// <summary>Changes what a request is answered.</summary>
    public Func<GenerationRequest, int[], int[]> Script { get; set; } = (_, scripted) => scripted;

    public static Tokenizer Words => Vocabularies.Tiny;

    public SmolLM3Options Options { get; } = new();

    public ScriptedGenerator Generator { get; }

    public SharedModel Model { get; }

    /// <summary>The model's adapters, loaded from the start; handles are 0 and 1.</summary>
    public AdapterStore Adapters { get; } = new(loaded: [new("formal", 0, "f2"), new("pirate", 1, "f1")]);

    public int Loads { get; private set; }

    public Exception? LoadFailure { get; set; }

    public int ContextLength
    {
        get => Generator.ContextLength;
        set => Generator.ContextLength = value;
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 23, 9, 30, 0, TimeSpan.Zero));

    public RecordingLoggerFactory Logs { get; } = new();

    public SmolLM3ChatClient Client { get; }

    /// <summary>The prompt of the last request, special tokens spelt out.</summary>
    public string LastPrompt => Words.Decode([.. Generator.Requests.Last().PromptTokens]);

    public GenerationRequest LastRequest => Generator.Requests.Last();

    public static AIFunction Weather { get; } =
        AIFunctionFactory.Create((string city) => $"Sunny in {city}", "get_weather", "Gets the weather.");

    public static AIFunction Clock { get; } =
        AIFunctionFactory.Create((string city) => $"12:00 in {city}", "get_time", "Gets the time.");

    /// <summary>Over a generator that ignores constraints, so that anything may be said.</summary>
    public static ClientHarness Free(params string[] answers)
    {
        ClientHarness harness = new(answers);
        harness.Generator.IsFree = true;
        return harness;
    }

    public static string Call(string name, string arguments) =>
        $$"""
        <tool_call>
        {"name": "{{name}}", "arguments": {{arguments}}}
        </tool_call>
        """;

    public Task<ChatResponse> Ask(string question, ChatOptions? options = null, CancellationToken token = default) =>
        Client.GetResponseAsync([new ChatMessage(ChatRole.User, question)], options, token);

    public async Task<List<ChatResponseUpdate>> StreamAll(string question, ChatOptions? options = null) =>
        await Client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, question)], options).ToListAsync();

    private int[] Answer(GenerationRequest request)
    {
        lock (_answers)
        {
            string answer = _answers.Count > 1 ? _answers.Dequeue() : _answers.Peek();
            return Script(request, Words.Encode(answer + "<|im_end|>", SpecialTokens.All));
        }
    }
}
