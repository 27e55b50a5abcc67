#pragma warning disable MEAI001 // Failover is marked as new by the framework.
using CloudSwap;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using SmolLM3.Extensions;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Samples.Tests;

/// <summary>Which failures send a request to the cloud.</summary>
public sealed class LocalFirstChatClientTests
{
    private readonly FakeClient _cloud = new("cloud");

    [Fact]
    public async Task What_is_this_machines_fault_goes_to_the_cloud()
    {
        Exception[] faults =
        [
            new SmolLM3OverloadedException(17, 16, 1), new PromptTooLongException(100, 64),
            new CapacityExceededException(100, 64), new FileNotFoundException(), new GgufFormatException(),
            new UnsupportedModelException(), new InsufficientMemoryException(), new TimeoutException(),
        ];
        foreach (Exception fault in faults)
        {
            LocalFirstChatClient client = Client(new("local") { Failure = fault });
            Assert.Equal("cloud", (await client.GetResponseAsync("Hi")).Text);
            Assert.Equal("cloud", (await client.GetStreamingResponseAsync("Hi").ToChatResponseAsync()).Text);
        }

        Assert.Equal(2 * faults.Length, _cloud.Requests);
    }

    [Fact]
    public async Task A_wrong_request_stays_here()
    {
        Exception[] mistakes =
            [new ArgumentException("wrong"), new NotSupportedException("wrong"), new InvalidOperationException("wrong")];
        foreach (Exception mistake in mistakes)
        {
            LocalFirstChatClient client = Client(new("local") { Failure = mistake });
            Assert.Same(mistake, await Assert.ThrowsAnyAsync<Exception>(() => client.GetResponseAsync("Hi")));
            Assert.Same(mistake, await Assert.ThrowsAnyAsync<Exception>(
                () => client.GetStreamingResponseAsync("Hi").ToChatResponseAsync()));
        }

        Assert.Equal(0, _cloud.Requests);
    }

    [Fact]
    public async Task The_frameworks_own_client_sends_wrong_requests_on_as_well()
    {
        FakeClient local = new("local") { Failure = new ArgumentException("wrong") };
        using OrderedFailoverChatClient client = new([local, _cloud]);
        Assert.Equal("cloud", (await client.GetResponseAsync("Hi")).Text);
    }

    [Fact]
    public async Task Every_request_asks_here_first()
    {
        FakeClient local = new("local") { Failure = new TimeoutException() };
        LocalFirstChatClient client = Client(local);
        Assert.Equal("cloud", (await client.GetResponseAsync("Hi")).Text);
        local.Failure = null;
        Assert.Equal("local", (await client.GetResponseAsync("Hi")).Text);
        Assert.Equal((2, 1), (local.Requests, _cloud.Requests));
    }

    [Fact]
    public async Task What_has_begun_or_was_cancelled_is_not_asked_again()
    {
        LocalFirstChatClient client = Client(new("local") { Failure = new TimeoutException(), FailsLate = true });
        List<string> seen = [];
        await Assert.ThrowsAsync<TimeoutException>(async () =>
        {
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("Hi"))
            {
                seen.Add(update.Text);
            }
        });
        Assert.Equal(["local"], seen);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => client.GetResponseAsync("Hi", cancellationToken: new CancellationToken(canceled: true)));
        Assert.Equal(0, _cloud.Requests);
    }

    [Fact]
    public async Task When_the_cloud_fails_too_its_error_is_told()
    {
        _cloud.Failure = new InvalidOperationException("The cloud is down.");
        LocalFirstChatClient client = Client(new("local") { Failure = new TimeoutException() });
        InvalidOperationException error =
            await Assert.ThrowsAsync<InvalidOperationException>(() => client.GetResponseAsync("Hi"));
        Assert.Equal("The cloud is down.", error.Message);
        Assert.Equal(1, _cloud.Requests);
    }

    private LocalFirstChatClient Client(FakeClient local) =>
        new(local, _cloud, NullLogger<LocalFirstChatClient>.Instance);

    private sealed class FakeClient(string name) : IChatClient
    {
        public Exception? Failure { get; set; }

        /// <summary>Whether a stream fails behind its first update.</summary>
        public bool FailsLate { get; set; }

        public int Requests { get; private set; }

        public Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages,
            ChatOptions? options = null,
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            Requests++;
            cancellationToken.ThrowIfCancellationRequested();
            if (Failure is not null && !FailsLate)
            {
                throw Failure;
            }

            await Task.Yield();
            yield return new(ChatRole.Assistant, name);
            if (Failure is not null)
            {
                throw Failure;
            }
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
