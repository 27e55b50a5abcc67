using System.Net;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SmolLM3.Extensions.Loading;
using SmolLM3.Extensions.Remote.Tests.StandIns;
using SmolLM3.TinyModel;

namespace SmolLM3.Extensions.Remote.Tests;

/// <summary>What becomes of a request whose server fails.</summary>
public sealed class FaultTests(TinyGenerator tiny) : IClassFixture<TinyGenerator>
{
    private static readonly ChatOptions s_greedy = new() { Temperature = 0 };

    [Theory]
    [InlineData(nameof(Fault.Cut), true)]
    [InlineData(nameof(Fault.End), true)]
    [InlineData(nameof(Fault.Error), true)]
    [InlineData(nameof(Fault.Garbage), true)]
    [InlineData(nameof(Fault.Length), false)]
    public async Task An_answer_that_breaks_off_says_what_there_was(string fault, bool isTransient)
    {
        await using Vllm server = await StartAsync(new Vllm(tiny.Model), Enum.Parse<Fault>(fault), good: 3);
        using SmolLM3ChatClient client = Connect(server.Address);

        var error = await Assert.ThrowsAsync<AnswerInterruptedException>(() => client.GetResponseAsync("Hello!", s_greedy));

        string whole = (await tiny.Local.GetResponseAsync("Hello!", s_greedy)).Text;
        Assert.Equal(3, error.PartialTokens);
        Assert.NotEqual("", error.PartialText);
        Assert.StartsWith(error.PartialText, whole, StringComparison.Ordinal);
        Assert.Equal(isTransient, error.IsTransient);
        Assert.Equal(new Uri(server.Address, "/"), error.Endpoint);
        Assert.Single(server.Asked);
    }

    [Theory]
    [InlineData(nameof(Fault.Cut))]
    [InlineData(nameof(Fault.End))]
    [InlineData(nameof(Fault.Error))]
    public async Task Before_the_first_token_nothing_has_begun(string fault)
    {
        await using LlamaServer server = await StartAsync(new LlamaServer(tiny.Model), Enum.Parse<Fault>(fault), good: 0);
        using SmolLM3ChatClient client = Connect(server.Address);

        var error = await Assert.ThrowsAsync<ServerException>(() => client.GetResponseAsync("Hello!", s_greedy));

        Assert.True(error.IsTransient);
        Assert.Single(server.Asked);
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    public async Task A_single_server_is_asked_again(HttpStatusCode status)
    {
        await using Vllm server = await StartAsync(new Vllm(tiny.Model), Fault.Status);
        (server.Status, server.Times) = (status, 1);
        using SmolLM3ChatClient client = Connect(server.Address);

        Assert.NotEqual("", (await client.GetResponseAsync("Hello!", s_greedy)).Text);
        Assert.Equal(2, server.Asked.Count);
    }

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable, true, "later")]
    [InlineData(HttpStatusCode.BadRequest, false, "as told")]
    [InlineData(HttpStatusCode.NotFound, false, "ServerOptions.Model")]
    public async Task An_error_says_what_the_server_said(HttpStatusCode status, bool isTransient, string part)
    {
        await using Vllm server = await StartAsync(new Vllm(tiny.Model), Fault.Status);
        server.Status = status;
        using SmolLM3ChatClient client = Connect(server.Address, options => options.Retries = 0);

        var error = await Assert.ThrowsAsync<ServerException>(() => client.GetResponseAsync("Hello!", s_greedy));

        Assert.Equal((status, isTransient), (error.StatusCode, error.IsTransient));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Single(server.Asked);
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_left_in_the_time_that_is_set()
    {
        await using Vllm server = await StartAsync(new Vllm(tiny.Model), Fault.Stall, good: 2);
        FakeTimeProvider time = new();
        using SmolLM3ChatClient client = Connect(server.Address, time: time);
        IAsyncEnumerator<ChatResponseUpdate> updates =
            client.GetStreamingResponseAsync("Hello!", s_greedy).GetAsyncEnumerator();
        Assert.True(await updates.MoveNextAsync());
        Assert.True(await updates.MoveNextAsync());

        Task<bool> next = updates.MoveNextAsync().AsTask();
        Assert.False(next.IsCompleted);
        time.Advance(ServerDefaults.StallTimeout);

        var error = await Assert.ThrowsAsync<AnswerInterruptedException>(() => next);
        Assert.Contains(nameof(ServerOptions.StallTimeout), error.Message, StringComparison.Ordinal);
        await updates.DisposeAsync();
    }

    [Fact]
    public async Task A_server_is_asked_for_nothing_more_once_its_reader_leaves()
    {
        await using Vllm server = await StartAsync(new Vllm(tiny.Model), Fault.Stall, good: 2);
        using SmolLM3ChatClient client = Connect(server.Address);
        using CancellationTokenSource leaving = new();
        IAsyncEnumerator<ChatResponseUpdate> updates =
            client.GetStreamingResponseAsync("Hello!", s_greedy, leaving.Token).GetAsyncEnumerator();
        Assert.True(await updates.MoveNextAsync());
        Assert.True(await updates.MoveNextAsync());
        Task<bool> next = updates.MoveNextAsync().AsTask();
        Assert.Equal(1, server.Live);

        await leaving.CancelAsync();

        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        Assert.Equal(leaving.Token, error.CancellationToken);
        await updates.DisposeAsync();
        await TestWait.UntilAsync(() => server.Live == 0);
    }

    [Fact]
    public async Task The_time_of_a_request_and_the_clients_end_are_told_as_what_they_are()
    {
        await using Vllm server = await StartAsync(new Vllm(tiny.Model), Fault.Stall, good: 1);
        FakeTimeProvider time = new();
        SmolLM3ChatClient client = Connect(server.Address, time: time);
        ChatOptions timed = new()
        {
            Temperature = 0,
            RawRepresentationFactory = _ => new SmolLM3RequestOptions { Timeout = TimeSpan.FromSeconds(3) },
        };
        Task<ChatResponse> late = client.GetResponseAsync("Hello!", timed);
        Task<ChatResponse> left = client.GetResponseAsync("Hello!", s_greedy);
        await TestWait.UntilAsync(() => server.Live == 2);

        time.Advance(TimeSpan.FromSeconds(3));
        await Assert.ThrowsAsync<TimeoutException>(() => late);
        Assert.False(left.IsCompleted);
        await client.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => left);
    }

    [Fact]
    public async Task A_server_that_is_not_there_fails_the_request_and_not_the_next_one()
    {
        LlamaServer server = await StartAsync(new LlamaServer(tiny.Model), Fault.None);
        Uri address = server.Address;
        await server.DisposeAsync();
        using SmolLM3ChatClient client = Connect(address, options => options.Retries = 0);

        var error = await Assert.ThrowsAsync<ServerException>(() => client.GetResponseAsync("Hello!"));

        Assert.True(error.IsTransient);
        Assert.IsType<HttpRequestException>(error.InnerException);
        await Assert.ThrowsAsync<ServerException>(() => client.LoadAsync());
    }

    private static async Task<T> StartAsync<T>(T server, Fault fault, int good = 0)
        where T : StandIn
    {
        (server.Fault, server.Good) = (fault, good);
        await server.StartAsync();
        return server;
    }

    private static SmolLM3ChatClient Connect(
        Uri address, Action<ServerOptions>? configure = null, TimeProvider? time = null)
    {
        SmolLM3Options options = new SmolLM3Options().UseTinyModel().UseServer(address, configure);
        if (time is not null)
        {
            options.UseHost((RemoteHost)options.FindHost()! with { Time = time });
        }

        return new(options, new ModelPool(), ManagedEngineFactory.Instance, NullLoggerFactory.Instance, TimeProvider.System);
    }
}
