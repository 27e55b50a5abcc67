using Microsoft.Extensions.AI;
using SmolLM3.Extensions.Chat;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Tokenization;
using static SmolLM3.Extensions.Tests.ClientHarness;

namespace SmolLM3.Extensions.Tests;

/// <summary>Bad input, cancellation, disposal, and what the client tells about itself.</summary>
public class SmolLM3ChatClientErrorTests
{
    [Fact]
    public void Arguments_are_checked_when_a_method_is_called()
    {
        ClientHarness harness = new("Hi");
        Assert.Throws<ArgumentNullException>(
            "messages", () => { _ = harness.Client.GetStreamingResponseAsync(null!); });
        Assert.Throws<ArgumentNullException>("messages", () => { _ = harness.Client.GetResponseAsync(null!); });
        Assert.Throws<ArgumentOutOfRangeException>(
            () => { _ = harness.Client.GetStreamingResponseAsync([], new() { TopP = 2 }); });
        Assert.Throws<UnknownModelException>(
            () => { _ = harness.Client.GetStreamingResponseAsync([], new() { ModelId = "gpt" }); });
        ChatMessage[] withNull = [new(ChatRole.User, "Hi"), null!];
        Assert.Contains("Message 1", Assert.Throws<ArgumentException>(
            "messages", () => { _ = harness.Client.GetStreamingResponseAsync(withNull); }).Message);
        Assert.Contains("Tool 1", Assert.Throws<ArgumentException>(
            "options",
            () => { _ = harness.Client.GetStreamingResponseAsync([], new() { Tools = [Weather, null!] }); }).Message);
        ChatMessage[] overridden = [new(ChatRole.System, "Obey. /system_override")];
        Assert.Throws<SystemOverrideException>(
            () => { _ = harness.Client.GetStreamingResponseAsync(overridden, new() { Tools = [Weather] }); });
        ChatOptions overriding = new() { Instructions = "/system_override", Tools = [Weather] };
        Assert.Throws<SystemOverrideException>(
            () => { _ = harness.Client.GetStreamingResponseAsync([], overriding); });
        Assert.Equal(0, harness.Loads);
    }

    [Fact]
    public async Task Another_model_is_refused_by_name_and_the_own_one_accepted()
    {
        ClientHarness harness = new("Hi");
        UnknownModelException error = await Assert.ThrowsAsync<UnknownModelException>(
            () => harness.Ask("Hi", new() { ModelId = "gpt-x" }));
        Assert.Contains("gpt-x", error.Message);
        Assert.Contains(ModelId, error.Message);
        Assert.IsAssignableFrom<InvalidOperationException>(error);
        Assert.Equal("Hi", (await harness.Ask("Hi", new() { ModelId = ModelId })).Text);
    }

    [Theory]
    [InlineData("image/png")]
    [InlineData("audio/wav")]
    [InlineData("application/pdf")]
    public async Task What_is_no_text_is_refused_with_advice(string mediaType)
    {
        ClientHarness harness = new("Hi");
        ChatMessage data = new(ChatRole.User, [new TextContent("See"), new DataContent(new byte[] { 1 }, mediaType)]);
        ChatMessage uri = new(ChatRole.User, [new UriContent("https://example.org/a", mediaType)]);
        ChatMessage result = new(ChatRole.Tool, [new FunctionResultContent("1", data.Contents[1])]);
        ChatMessage list = new(ChatRole.Tool, [new FunctionResultContent("1", data.Contents)]);
        ChatMessage link = new(ChatRole.Tool, [new FunctionResultContent("1", uri.Contents[0])]);
        foreach (ChatMessage message in new[] { data, uri, result, list, link })
        {
            UnsupportedContentException error = await Assert.ThrowsAsync<UnsupportedContentException>(
                () => harness.Client.GetResponseAsync([message]));
            Assert.Equal(mediaType, error.MediaType);
        }

        Assert.Equal(0, harness.Loads);

        Assert.Equal("Hi", (await harness.Ask("still there?")).Text);
    }

    [Fact]
    public async Task A_cancelled_request_throws_and_others_go_on()
    {
        ClientHarness harness = new("Hi");
        TaskCompletionSource gate = new();
        harness.Generator.Gate = gate.Task;
        using CancellationTokenSource source = new();
        Task<ChatResponse> cancelled = harness.Ask("Hi", token: source.Token);
        Task<ChatResponse> other = harness.Ask("Hi");
        await source.CancelAsync();

        OperationCanceledException error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal(source.Token, error.CancellationToken);
        gate.SetResult();
        Assert.Equal("Hi", (await other).Text);
    }

    [Fact]
    public async Task A_stream_throws_when_it_is_cancelled_in_the_middle()
    {
        ClientHarness harness = new("one two three four");
        using CancellationTokenSource source = new();
        int updates = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            IAsyncEnumerable<ChatResponseUpdate> stream = harness.Client.GetStreamingResponseAsync("Hi");
            await foreach (ChatResponseUpdate update in stream.WithCancellation(source.Token))
            {
                updates++;
                await source.CancelAsync();
            }
        });
        Assert.Equal(1, updates);
        Assert.Equal(0, harness.Generator.Running);
    }

    [Fact]
    public async Task A_request_cancelled_before_it_began_loads_nothing()
    {
        ClientHarness harness = new("Hi");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => harness.Ask("Hi", token: new(canceled: true)));
        Assert.Equal(0, harness.Loads);
    }

    [Fact]
    public async Task Leaving_a_stream_early_ends_its_generation()
    {
        ClientHarness harness = new("one two three four");
        await foreach (ChatResponseUpdate update in harness.Client.GetStreamingResponseAsync("Hi"))
        {
            break;
        }

        Assert.Equal(0, harness.Generator.Running);
    }

    [Fact]
    public async Task Disposing_ends_requests_in_flight_and_refuses_new_ones()
    {
        ClientHarness harness = new("Hi");
        harness.Generator.Gate = new TaskCompletionSource().Task;
        Task<ChatResponse> request = harness.Ask("Hi");
        while (harness.Generator.Running == 0)
        {
            await Task.Yield();
        }

        harness.Client.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => request);
        Assert.True(harness.Generator.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => { _ = harness.Client.GetStreamingResponseAsync("Hi"); });
        Assert.Throws<ObjectDisposedException>(() => harness.Client.GetService<EngineInfo>());
        harness.Client.Dispose();
    }

    [Fact]
    public async Task Disposing_within_a_stream_does_not_wait_for_its_reader()
    {
        ClientHarness harness = new("one two three");
        await Assert.ThrowsAsync<ObjectDisposedException>(async () =>
        {
            await foreach (ChatResponseUpdate update in harness.Client.GetStreamingResponseAsync("Hi"))
            {
                harness.Client.Dispose();
                Assert.False(harness.Generator.IsDisposed);
            }
        });
        Assert.True(harness.Generator.IsDisposed);
    }

    [Fact]
    public async Task A_failed_load_is_told_and_tried_again()
    {
        ClientHarness harness = new("Hi") { LoadFailure = new ModelNotFoundException("/nowhere.gguf") };
        ModelNotFoundException error = await Assert.ThrowsAsync<ModelNotFoundException>(() => harness.Ask("Hi"));
        Assert.Contains("UseTinyModel", error.Message);
        harness.LoadFailure = null;
        Assert.Equal("Hi", (await harness.Ask("Hi")).Text);
        Assert.Equal("Hi", (await harness.Ask("Hi")).Text);
        Assert.Equal(2, harness.Loads);
    }

    [Fact]
    public void Metadata_is_known_without_loading_and_engine_facts_load()
    {
        ClientHarness harness = new("Hi");
        IChatClient client = harness.Client;
        ChatClientMetadata metadata = client.GetRequiredService<ChatClientMetadata>();
        Assert.Equal("smollm3", metadata.ProviderName);
        Assert.Null(metadata.ProviderUri);
        Assert.Equal(ModelId, metadata.DefaultModelId);
        Assert.Same(client, client.GetService<SmolLM3ChatClient>());
        Assert.Same(client, client.GetService<IChatClient>());
        Assert.Null(client.GetService<string>());
        Assert.Null(client.GetService(typeof(ChatClientMetadata), "key"));
        Assert.Throws<ArgumentNullException>(() => client.GetService(null!));
        Assert.Equal(0, harness.Loads);

        Assert.Equal("scripted", client.GetService<EngineInfo>()!.Name);
        Assert.Equal("smollm3", client.GetService<ModelInfo>()!.Architecture);
        Assert.Same(Words, client.GetService<Tokenizer>());
        Assert.Equal(1, harness.Loads);
    }

    [Fact]
    public async Task Many_requests_at_once_each_get_their_own_answer()
    {
        ClientHarness harness = new([.. Enumerable.Range(0, 64).Select(i => $"answer {i}")]);
        ChatResponse[] responses =
            await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(() => harness.Ask($"q{i}"))));

        Assert.Equal(64, responses.Select(response => response.Text).Distinct().Count());
        Assert.Equal(64, responses.Select(response => response.ResponseId).Distinct().Count());
        Assert.Equal(1, harness.Loads);
    }
}
