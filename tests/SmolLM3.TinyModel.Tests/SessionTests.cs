using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using SmolLM3.Extensions;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;
using Tiny = SmolLM3.TinyModel.TinyModel;

namespace SmolLM3.TinyModelTests;

/// <summary>A conversation goes on after a restart: messages from JSON, keys and values from a snapshot.</summary>
public sealed class SessionTests
{
    private static int s_processes;

    public enum Mode
    {
        Answers,
        Thinks,
    }

    [Theory]
    [InlineData(Mode.Answers)]
    [InlineData(Mode.Thinks)]
    public async Task After_a_restart_the_next_turn_computes_only_what_is_new(Mode mode)
    {
        ChatOptions options = Options(mode);
        List<ChatMessage> messages = await ConverseAsync(options);
        (byte[] file, SmolLM3PrefixSnapshot saved) = await SaveAsync(messages, options);
        Assert.Equal(file.Length, saved.Bytes);

        messages = ThroughJson(messages);
        messages.Add(new(ChatRole.User, "And who are you?"));
        ChatResponse computed;
        await using (SmolLM3ChatClient unrestored = Restart())
        {
            computed = await unrestored.GetResponseAsync(messages, options);
        }

        await using SmolLM3ChatClient client = Restart();
        Assert.Equal(saved, await client.RestorePrefixAsync(new MemoryStream(file)));
        ChatResponse restored = await client.GetResponseAsync(messages, options);

        Assert.Equal(0, computed.Usage!.CachedInputTokenCount);
        Assert.Equal(saved.TokenCount, restored.Usage!.CachedInputTokenCount);
        Assert.InRange(restored.Usage.InputTokenCount!.Value - saved.TokenCount, 1, 30);

        // To the bit: the probabilities are those of the same logits.
        Assert.Equal(computed.Text, restored.Text);
        Assert.Equal(Probabilities(computed), Probabilities(restored));
        Assert.NotEqual("[]", Probabilities(restored));
    }

    [Fact]
    public async Task A_running_tool_loop_goes_on_too()
    {
        ChatOptions options = Options(Mode.Thinks);
        List<ChatMessage> messages = [new(ChatRole.User, "What is the weather in Oslo?")];
        FunctionCallContent call;
        await using (SmolLM3ChatClient first = Restart())
        {
            ChatResponse response = await first.GetResponseAsync(messages, options);
            call = Assert.Single(response.Messages[0].Contents.OfType<FunctionCallContent>());
            Assert.Contains(response.Messages[0].Contents, content => content is TextReasoningContent);
            messages.AddMessages(response);
        }

        (byte[] file, SmolLM3PrefixSnapshot saved) = await SaveAsync(messages, options);
        messages = ThroughJson(messages);
        messages.Add(new(ChatRole.Tool, [new FunctionResultContent(call.CallId, "Rainy, 12 degrees")]));
        await using SmolLM3ChatClient client = Restart();
        await client.RestorePrefixAsync(new MemoryStream(file));
        ChatResponse answer = await client.GetResponseAsync(messages, options);
        Assert.Equal(saved.TokenCount, answer.Usage!.CachedInputTokenCount);
        Assert.Contains("12", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Instructions_and_tools_alone_are_a_prefix_for_every_conversation()
    {
        ChatOptions options = Options(Mode.Answers);
        (byte[] file, SmolLM3PrefixSnapshot saved) = await SaveAsync([], options);
        await using SmolLM3ChatClient client = Restart();
        await client.RestorePrefixAsync(new MemoryStream(file));
        ChatResponse first = await client.GetResponseAsync("Hello!", options);
        Assert.Equal(saved.TokenCount, first.Usage!.CachedInputTokenCount);
        ChatResponse second = await client.GetResponseAsync("Who are you?", options);
        Assert.InRange(second.Usage!.CachedInputTokenCount!.Value, saved.TokenCount, saved.TokenCount + 5);
    }

    [Fact]
    public async Task What_is_known_is_not_computed_for_saving()
    {
        ChatOptions options = Options(Mode.Answers);
        List<ChatMessage> messages = [new(ChatRole.User, "Who are you?")];
        await using SmolLM3ChatClient client = Restart();
        messages.AddMessages(await client.GetResponseAsync(messages, options));
        SmolLM3PrefixSnapshot saved = await client.SavePrefixAsync(messages, options, Stream.Null);

        // And what was computed for saving is known afterwards.
        messages.Add(new(ChatRole.User, "Hello!"));
        ChatResponse next = await client.GetResponseAsync(messages, options);
        Assert.True(next.Usage!.CachedInputTokenCount >= saved.TokenCount);
    }

    [Fact]
    public async Task A_snapshot_of_another_model_is_refused_with_both_fingerprints()
    {
        (byte[] file, SmolLM3PrefixSnapshot saved) = await SaveAsync([new(ChatRole.User, "Hello!")], new());
        byte[] other = TinyBytes();
        other[^8] ^= 1;
        await using SmolLM3ChatClient client =
            new(new SmolLM3Options().UseModel(Process(), () => new MemoryStream(other)));
        PrefixSnapshotException error = await RefuseAsync(client, file, PrefixSnapshotProblem.OtherModel);
        Assert.Contains(saved.ModelFingerprint, error.Message, StringComparison.Ordinal);
        Assert.Contains("another model", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, KvCacheType.Q8_0, null, "Q8_0")]
    [InlineData(2f, KvCacheType.F16, null, "YaRN 2")]
    [InlineData(null, KvCacheType.F16, "scalar", "scalar")]
    public async Task Numbers_that_would_differ_are_refused(float? yarn, KvCacheType kv, string? kernels, string named)
    {
        (byte[] file, _) = await SaveAsync([new(ChatRole.User, "Hello!")], new());
        SmolLM3Options options = new() { YarnFactor = yarn, KvCacheType = kv };
        await using SmolLM3ChatClient client = new(
            options.UseModel(Process(), Tiny.OpenRead), engineFactory: new KernelFactory(kernels));
        PrefixSnapshotException error = await RefuseAsync(client, file, PrefixSnapshotProblem.OtherEngine);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_smaller_context_refuses_a_longer_snapshot_with_both_numbers()
    {
        string question = string.Join(' ', Enumerable.Repeat("Hello!", 20));
        (byte[] file, SmolLM3PrefixSnapshot saved) = await SaveAsync([new(ChatRole.User, question)], new());
        await using SmolLM3ChatClient client = new(
            new SmolLM3Options { ContextLength = saved.TokenCount }.UseModel(Process(), Tiny.OpenRead));
        PrefixSnapshotException error = await RefuseAsync(client, file, PrefixSnapshotProblem.TooLong);
        Assert.Contains($"{saved.TokenCount:N0} tokens", error.Message, StringComparison.Ordinal);

        await using SmolLM3ChatClient larger = new(
            new SmolLM3Options { ContextLength = saved.TokenCount + 1 }.UseModel(Process(), Tiny.OpenRead));
        Assert.Equal(saved, await larger.RestorePrefixAsync(new MemoryStream(file)));
    }

    [Fact]
    public async Task It_goes_through_a_file_on_a_disk()
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.snapshot");
        List<ChatMessage> messages = [new(ChatRole.User, "Hello!")];
        try
        {
            await using (SmolLM3ChatClient client = Restart())
            await using (FileStream file = File.Create(path))
            {
                await client.SavePrefixAsync(messages, null, file);
            }

            await using (SmolLM3ChatClient client = Restart())
            await using (FileStream file = File.OpenRead(path))
            {
                SmolLM3PrefixSnapshot restored = await client.RestorePrefixAsync(file);
                ChatResponse response = await client.GetResponseAsync(messages, TinyClient.Greedy);
                Assert.Equal(restored.TokenCount, response.Usage!.CachedInputTokenCount);
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task Requests_beside_say_what_they_say_alone()
    {
        ChatOptions options = new() { MaxOutputTokens = 40, Seed = 5, Temperature = 0.8f };
        string[] questions = [.. Enumerable.Range(1, 8).Select(i => $"What is {i} + {i + 2}?")];
        List<string> alone = [];
        await using (SmolLM3ChatClient quiet = Restart())
        {
            foreach (string question in questions)
            {
                alone.Add((await quiet.GetResponseAsync(question, options)).Text);
            }
        }

        await using SmolLM3ChatClient client = Restart();
        Task<byte[]>[] saves = [.. questions.Select(question => Task.Run(() => SaveOnAsync(client, question)))];
        Task<ChatResponse>[] answers =
            [.. questions.Select(question => Task.Run(() => client.GetResponseAsync(question, options)))];
        foreach (Task<byte[]> save in saves)
        {
            byte[] file = await save;
            await using SmolLM3ChatClient other = Restart();
            await other.RestorePrefixAsync(new MemoryStream(file));
            await client.RestorePrefixAsync(new MemoryStream(file));
        }

        Assert.Equal(alone, (await Task.WhenAll(answers)).Select(answer => answer.Text));
        Assert.Equal(await saves[0], await SaveOnAsync(client, questions[0]));
    }

    private static async Task<byte[]> SaveOnAsync(SmolLM3ChatClient client, string question)
    {
        MemoryStream file = new();
        await client.SavePrefixAsync([new(ChatRole.User, question)], null, file);
        return file.ToArray();
    }

    private static async Task<(byte[] File, SmolLM3PrefixSnapshot Saved)> SaveAsync(
        List<ChatMessage> messages, ChatOptions options)
    {
        await using SmolLM3ChatClient client = Restart();
        MemoryStream file = new();
        SmolLM3PrefixSnapshot saved = await client.SavePrefixAsync(messages, options, file);
        return (file.ToArray(), saved);
    }

    private static async Task<PrefixSnapshotException> RefuseAsync(
        SmolLM3ChatClient client, byte[] file, PrefixSnapshotProblem problem)
    {
        PrefixSnapshotException error = await Assert.ThrowsAsync<PrefixSnapshotException>(
            () => client.RestorePrefixAsync(new MemoryStream(file)));
        Assert.Equal(problem, error.Problem);
        ChatResponse response = await client.GetResponseAsync("Hello!", new() { MaxOutputTokens = 1 });
        Assert.Equal(0, response.Usage!.CachedInputTokenCount);
        return error;
    }

    /// <summary>Two turns, the first with a call.</summary>
    private static async Task<List<ChatMessage>> ConverseAsync(ChatOptions options)
    {
        using IChatClient client = new ChatClientBuilder(Restart()).UseFunctionInvocation().Build();
        List<ChatMessage> messages = [new(ChatRole.User, "What is the weather in Lisbon?")];
        messages.AddMessages(await client.GetResponseAsync(messages, options));
        Assert.Contains(messages, message => message.Role == ChatRole.Tool);
        messages.Add(new(ChatRole.User, "What is 3 + 4?"));
        messages.AddMessages(await client.GetResponseAsync(messages, options));
        return messages;
    }

    private static ChatOptions Options(Mode mode)
    {
        ChatOptions options = new()
        {
            Instructions = "You help with the weather.",
            MaxOutputTokens = 200,
            Temperature = 0.3f,
            Seed = 5,
            Tools =
            [
                AIFunctionFactory.Create(
                    (string city) => "Sunny, 24 degrees", "GetWeather", "Gets the weather of a city."),
            ],
            AdditionalProperties = new() { ["top_logprobs"] = 2 },
        };
        return mode == Mode.Thinks ? TinyClient.Thinking(options) : options;
    }

    private static List<ChatMessage> ThroughJson(List<ChatMessage> messages) =>
        JsonSerializer.Deserialize<List<ChatMessage>>(
            JsonSerializer.Serialize(messages, AIJsonUtilities.DefaultOptions), AIJsonUtilities.DefaultOptions)!;

    private static string Probabilities(ChatResponse response) =>
        ((JsonElement)response.Messages[0].AdditionalProperties!["top_logprobs"]!).GetRawText();

    /// <summary>A client that shares nothing with any other: what a new process has.</summary>
    private static SmolLM3ChatClient Restart() => new(new SmolLM3Options().UseModel(Process(), Tiny.OpenRead));

    private static string Process() => $"process {Interlocked.Increment(ref s_processes)}";

    private static byte[] TinyBytes()
    {
        using Stream stream = Tiny.OpenRead();
        using MemoryStream copy = new();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private sealed class KernelFactory(string? kernels) : IEngineFactory
    {
        public IInferenceEngine Create(GgufFile file, EngineOptions options, ILoggerFactory loggerFactory) =>
            new ManagedEngine(file, options with { Kernels = kernels });
    }
}
