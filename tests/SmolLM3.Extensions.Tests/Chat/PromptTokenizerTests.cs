using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SmolLM3.Extensions.Loading;
using SmolLM3.Extensions.Tests.Loading;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using static SmolLM3.Extensions.Tests.ClientHarness;

namespace SmolLM3.Extensions.Tests.Chat;

/// <summary>Token counts are those of the requests, and cost no load.</summary>
public sealed class PromptTokenizerTests
{
    private static readonly string s_tiny = Path.Combine(AppContext.BaseDirectory, "smollm3-tiny.gguf");

    public static TheoryData<string> Requests => ["plain", "tools", "schema", "thinking", "python", "required", "empty"];

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task A_measured_prompt_is_as_long_as_the_one_that_is_sent(string kind)
    {
        ClientHarness harness = Free("Fine.");
        List<ChatMessage> messages = kind == "empty" ? [] :
        [
            new(ChatRole.System, "Be brief."),
            new(ChatRole.User, "Weather in Rome? <|im_end|> 😀"),
            new(ChatRole.Assistant, [new FunctionCallContent("1", "get_weather", new Dictionary<string, object?>())]),
            new(ChatRole.Tool, [new FunctionResultContent("1", "Sunny")]),
            new(ChatRole.User, "And tomorrow?"),
        ];
        ChatOptions options = Options(kind);
        SmolLM3PromptSize size = Counting(harness.Client).Measure(messages, options);
        ChatResponse response = await harness.Client.GetResponseAsync(messages, options);

        Assert.Equal(harness.LastRequest.PromptTokens.Count, size.Tokens);
        Assert.Equal(response.Usage!.InputTokenCount, size.Tokens);
        Assert.Equal((4096, 0, 4096 - size.Tokens), (size.ContextLength, size.DroppedTurns, size.RemainingTokens));
    }

    [Fact]
    public async Task An_answer_counts_by_the_tokens_it_was_made_of()
    {
        // Letter for letter, as no text is encoded.
        ClientHarness harness = new("") { Script = (_, _) => [.. Odd(), Words.Id("<|im_end|>")] };
        List<ChatMessage> messages = [new(ChatRole.User, "Spell it")];
        messages.AddMessages(await harness.Client.GetResponseAsync(messages));
        messages.Add(new(ChatRole.User, "Again"));
        int replayed = Counting(harness.Client).Measure(messages).Tokens;
        await harness.Client.GetResponseAsync(messages);

        Assert.Equal(harness.LastRequest.PromptTokens.Count, replayed);
        messages[1] = new(ChatRole.Assistant, messages[1].Text);
        Assert.NotEqual(replayed, Counting(harness.Client).Measure(messages).Tokens);

        static int[] Odd() => [.. "Hello".SelectMany(letter => Words.Encode(letter.ToString()))];
    }

    [Fact]
    public async Task Turns_that_would_be_left_out_are_told_and_not_counted()
    {
        ClientHarness harness = new("Hi") { ContextLength = 600 };
        harness.Options.ContextOverflow = ContextOverflow.DropOldestTurns;
        List<ChatMessage> messages = [.. Enumerable.Range(0, 60)
            .Select(i => new ChatMessage(i % 2 == 0 ? ChatRole.User : ChatRole.Assistant, $"word word word word {i}"))];
        messages.Add(new(ChatRole.User, "And?"));
        SmolLM3PromptSize size = Counting(harness.Client).Measure(messages);
        ChatResponse response = await harness.Client.GetResponseAsync(messages);

        Assert.Equal(response.Usage!.InputTokenCount, size.Tokens);
        Assert.Equal(response.Messages[0].AdditionalProperties!["dropped_turns"], size.DroppedTurns);
        Assert.True(size.DroppedTurns > 0);
        SmolLM3PromptSize whole = Counting(harness.Client).Measure(messages, new()
        {
            RawRepresentationFactory = _ => new SmolLM3RequestOptions { ContextOverflow = ContextOverflow.Error },
        });
        Assert.True(whole.Tokens > 600);
        Assert.Equal((0, 0), (whole.RemainingTokens, whole.DroppedTurns));
    }

    [Fact]
    public async Task Counting_reads_the_file_and_makes_no_engine_and_loading_changes_no_count()
    {
        FakeEngineFactory engines = new();
        using SmolLM3ChatClient client = Client(engines);
        ISmolLM3Tokenizer counting = Counting(client);
        ChatMessage[] messages = [new(ChatRole.User, "Hello!")];
        ChatOptions options = Options("tools");
        (int text, SmolLM3PromptSize prompt) = (counting.CountTokens("Grüße, Welt"), counting.Measure(messages, options));

        Assert.Empty(engines.Made);
        Assert.Equal(Words.Encode("Grüße, Welt").Length, text);
        Assert.Equal(300, counting.ContextLength);
        await client.LoadAsync();
        Assert.Equal((text, prompt), (counting.CountTokens("Grüße, Welt"), counting.Measure(messages, options)));
        Assert.Equal(300, counting.ContextLength);
    }

    [Fact]
    public async Task Counting_does_not_wait_for_a_load()
    {
        GatedFactory engines = new();
        using SmolLM3ChatClient client = Client(engines);
        Task load = client.LoadAsync();
        await engines.Asked.Task;

        Assert.Equal(1, Counting(client).CountTokens("a"));
        Assert.False(load.IsCompleted);
        engines.Gate.Set();
        await load;
        Assert.Equal(1, Counting(client).CountTokens("a"));
    }

    [Fact]
    public void Many_may_count_at_once()
    {
        using SmolLM3ChatClient client = Client(new FakeEngineFactory());
        int expected = Words.Encode("one two three 😀").Length;
        Assert.All(
            ParallelEnumerable.Range(0, 64).Select(_ => Counting(client).CountTokens("one two three 😀")),
            count => Assert.Equal(expected, count));
    }

    [Fact]
    public void A_file_that_is_missing_is_looked_for_again()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("smollm3-tests-").FullName, "later.gguf");
        using SmolLM3ChatClient client = new(new() { Model = path });
        Assert.Throws<ModelNotFoundException>(() => Counting(client).CountTokens("Hi"));
        File.Copy(s_tiny, path);
        Assert.Equal(Words.Encode("Hi").Length, Counting(client).CountTokens("Hi"));
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Fact]
    public void Text_is_text_and_comes_back_byte_for_byte()
    {
        ISmolLM3Tokenizer words = Counting(new ClientHarness("").Client);
        const string text = "<|im_start|>user\nŻółć 漢字 العربية 🇵🇱\0";
        IReadOnlyList<int> ids = words.Encode(text);

        Assert.Empty(Words.AddedIn(ids));
        Assert.Equal(ids.Count, words.CountTokens(text));
        Assert.Equal(text, words.Decode(ids));
        Assert.Equal("<|im_end|>", words.Decode([Words.Id("<|im_end|>")]));
        Assert.Equal(text, System.Text.Encoding.UTF8.GetString([.. ids.SelectMany(id => words.GetBytes(id).ToArray())]));
        Assert.Equal((0, ""), (words.CountTokens(""), words.Decode([])));
        Assert.Throws<ArgumentOutOfRangeException>(() => words.Decode([-1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = words.GetBytes(int.MaxValue); });
    }

    [Fact]
    public void What_a_request_refuses_is_refused()
    {
        ClientHarness harness = new("Hi");
        using IChatClient client = harness.Client.AsBuilder().UseFunctionInvocation().Build();
        ISmolLM3Tokenizer words = client.GetRequiredService<ISmolLM3Tokenizer>();
        Assert.Throws<ArgumentNullException>("messages", () => words.Measure(null!));
        Assert.Throws<ArgumentNullException>(() => words.CountTokens(null!));
        Assert.Throws<UnknownModelException>(() => words.Measure([], new() { ModelId = "gpt" }));
        Assert.Throws<UnsupportedContentException>(
            () => words.Measure([new(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")])]));
        harness.Client.Dispose();
        Assert.Throws<ObjectDisposedException>(() => words.CountTokens("Hi"));
        Assert.Throws<ObjectDisposedException>(() => words.Measure([]));
    }

    private static ISmolLM3Tokenizer Counting(IChatClient client) => client.GetRequiredService<ISmolLM3Tokenizer>();

    private static SmolLM3ChatClient Client(IEngineFactory engines) => new(
        new SmolLM3Options { Model = s_tiny, ContextLength = 300 },
        new ModelPool(),
        engines,
        NullLoggerFactory.Instance,
        TimeProvider.System);

    private static ChatOptions Options(string kind) => kind switch
    {
        "tools" => new() { Tools = [Weather, Clock], Instructions = "Mind the date." },
        "required" => new() { Tools = [Weather, Clock], ToolMode = ChatToolMode.RequireSpecific("get_time") },
        "schema" => new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(
            JsonSerializer.Deserialize<JsonElement>("""{"type":"object"}"""), "answer", "What it is") },
        "thinking" => new() { Reasoning = new() { Effort = ReasoningEffort.High } },
        "python" => new()
        {
            Tools = [Weather],
            RawRepresentationFactory = _ => new SmolLM3RequestOptions { PythonFunctions = true },
        },
        _ => new(),
    };

    /// <summary>Makes its engine when it is let.</summary>
    private sealed class GatedFactory : IEngineFactory
    {
        public ManualResetEventSlim Gate { get; } = new();

        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IInferenceEngine Create(GgufFile file, EngineOptions options, ILoggerFactory loggerFactory)
        {
            Asked.SetResult();
            Gate.Wait();
            return new FakeEngineFactory().Create(file, options, loggerFactory);
        }
    }
}
