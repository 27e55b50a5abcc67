using Microsoft.Extensions.AI;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SmolLM3.Extensions.DependencyInjection;
using SmolLM3.Extensions.Loading;
using SmolLM3.Extensions.Remote.Servers;
using SmolLM3.Extensions.Remote.Tests.StandIns;
using SmolLM3.TinyModel;

namespace SmolLM3.Extensions.Remote.Tests;

/// <summary>Three servers of one model.</summary>
public sealed class SeveralServersTests(TinyGenerator tiny) : IClassFixture<TinyGenerator>, IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private StandIn[] _servers = [];
    private SmolLM3ChatClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _servers = [new Vllm(tiny.Model), new Vllm(tiny.Model), new Vllm(tiny.Model)];
        foreach (StandIn server in _servers)
        {
            await server.StartAsync();
        }

        SmolLM3Options options = new SmolLM3Options().UseTinyModel().UseServers(_servers.Select(server => server.Address));
        options.UseHost((RemoteHost)options.FindHost()! with { Time = _time });
        _client = new(
            options, new ModelPool(), ManagedEngineFactory.Instance, NullLoggerFactory.Instance, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        foreach (StandIn server in _servers)
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_conversation_stays_where_it_began_and_conversations_spread()
    {
        for (int i = 0; i < 12; i++)
        {
            int[] before = Asked();
            List<ChatMessage> messages = [new(ChatRole.User, $"What is {i} + 1?")];
            for (int turn = 0; turn < 3; turn++)
            {
                messages.AddMessages(await AskAsync(messages));
                messages.Add(new(ChatRole.User, "And then?"));
            }

            Assert.Contains(3, Asked().Zip(before, (after, was) => after - was));
        }

        Assert.All(Asked(), asked => Assert.True(asked > 0));
    }

    [Theory]
    [InlineData(nameof(Fault.Status))]
    [InlineData(nameof(Fault.Cut))]
    [InlineData(nameof(Fault.End))]
    [InlineData(nameof(Fault.Garbage))]
    public async Task Another_one_answers_where_the_first_fails_before_its_first_token(string fault)
    {
        StandIn first = await FindFirstAsync();
        first.Fault = Enum.Parse<Fault>(fault);
        int asked = Asked().Sum();

        ChatResponse response = await AskAsync([new(ChatRole.User, "Hello!")]);

        Assert.Equal((await tiny.Local.GetResponseAsync("Hello!", Greedy)).Text, response.Text);
        Assert.Equal(asked + 2, Asked().Sum());
    }

    [Fact]
    public async Task No_other_one_answers_after_the_first_token()
    {
        StandIn first = await FindFirstAsync();
        (first.Fault, first.Good) = (Fault.Cut, 2);
        int asked = Asked().Sum();

        var error = await Assert.ThrowsAsync<AnswerInterruptedException>(() => AskAsync([new(ChatRole.User, "Hello!")]));

        Assert.Equal(2, error.PartialTokens);
        Assert.Equal(asked + 1, Asked().Sum());
    }

    [Fact]
    public async Task Who_fails_half_of_the_time_is_left_out_for_a_while_and_then_returns()
    {
        StandIn first = await FindFirstAsync();
        int before = first.Asked.Count;
        (first.Fault, first.Times) = (Fault.Status, 1);
        for (int i = 0; i < 4; i++)
        {
            await AskAsync([new(ChatRole.User, "Hello!")]);
        }

        Assert.Equal(before + 1, first.Asked.Count);
        int detected = first.Paths.Count(path => path == "/v1/models");

        _time.Advance(ServerDefaults.EjectionTime);
        await AskAsync([new(ChatRole.User, "Hello!")]);
        Assert.Equal(before + 2, first.Asked.Count);
        Assert.Equal(detected + 1, first.Paths.Count(path => path == "/v1/models"));
    }

    [Fact]
    public async Task Health_says_how_many_fail_and_asks_them_again_once_they_may_return()
    {
        StandIn first = await FindFirstAsync();
        await AssertHealthAsync(HealthStatus.Healthy, "ready", 0);
        (first.Fault, first.Times) = (Fault.Status, 1);
        await AskAsync([new(ChatRole.User, "Hello!")]);
        await AssertHealthAsync(HealthStatus.Degraded, "degraded", 1);

        _time.Advance(ServerDefaults.EjectionTime);
        await AssertHealthAsync(HealthStatus.Healthy, "ready", 0);

        foreach (StandIn server in _servers)
        {
            await server.StopAsync();
        }

        await Assert.ThrowsAsync<ServerException>(() => AskAsync([new(ChatRole.User, "Hello!")]));
        HealthCheckResult none = await AssertHealthAsync(HealthStatus.Unhealthy, "unreachable", 3);
        Assert.IsType<ServerException>(none.Exception);
    }

    [Fact]
    public async Task A_request_no_server_can_serve_is_sent_to_one_only()
    {
        StandIn first = await FindFirstAsync();
        int asked = Asked().Sum();
        (first.Fault, first.Status) = (Fault.Status, System.Net.HttpStatusCode.BadRequest);

        await Assert.ThrowsAsync<ServerException>(() => AskAsync([new(ChatRole.User, "Hello!")]));

        Assert.Equal(asked + 1, Asked().Sum());
    }

    [Fact]
    public async Task When_none_answers_each_is_named()
    {
        foreach (StandIn server in _servers)
        {
            await server.StopAsync();
        }

        var error = await Assert.ThrowsAsync<ServerException>(() => AskAsync([new(ChatRole.User, "Hello!")]));

        Assert.Null(error.Endpoint);
        Assert.True(error.IsTransient);
        Assert.All(_servers, server =>
            Assert.Contains(server.Address.AbsoluteUri, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_with_another_model_is_passed_by()
    {
        foreach (StandIn server in _servers[..2])
        {
            server.TokenShift = 1;
        }

        for (int i = 0; i < 6; i++)
        {
            await AskAsync([new(ChatRole.User, $"What is {i} + 1?")]);
        }

        Assert.Equal([0, 0, 6], Asked());
    }

    [Fact]
    public void A_server_that_goes_moves_its_own_sessions_only()
    {
        Uri[] addresses = [.. Enumerable.Range(1, 5).Select(i => new Uri($"http://replica-{i}:8080/"))];
        using EndpointPool all = Pool(addresses);
        using EndpointPool fewer = Pool(addresses[..4]);
        int[] counts = new int[5];
        for (int i = 0; i < 500; i++)
        {
            byte[] session = EndpointPool.SessionOf([1, 7, 1, i, 1, 9], turnStart: 1);
            Uri[] order = [.. all.Order(session).Select(endpoint => endpoint.Address)];
            Uri[] without = [.. fewer.Order(session).Select(endpoint => endpoint.Address)];
            Assert.Equal(order.Where(address => address != addresses[4]), without);
            counts[Array.IndexOf(addresses, order[0])]++;
        }

        Assert.All(counts, count => Assert.InRange(count, 60, 140));
    }

    [Fact]
    public void A_session_is_the_system_and_the_first_question()
    {
        byte[] session = EndpointPool.SessionOf([1, 5, 6, 1, 7, 8, 1], turnStart: 1);

        Assert.Equal(session, EndpointPool.SessionOf([1, 5, 6, 1, 7, 8, 1, 9, 1, 2], turnStart: 1));
        Assert.NotEqual(session, EndpointPool.SessionOf([1, 5, 6, 1, 7, 9, 1], turnStart: 1));
        int[] text = [.. Enumerable.Range(10, ServerDefaults.AffinityTokens)];
        Assert.Equal(EndpointPool.SessionOf(text, null), EndpointPool.SessionOf([.. text, 3], null));
    }

    private async Task<HealthCheckResult> AssertHealthAsync(HealthStatus status, string state, int failing)
    {
        SmolLM3HealthCheck check = new(() => _client);
        HealthCheckResult result = await check.CheckHealthAsync(
            new() { Registration = new("smollm3", check, failureStatus: null, tags: null) });
        Assert.Equal(
            (status, state, 3, failing),
            (result.Status, result.Data["state"], result.Data["servers"], result.Data["failing_servers"]));
        return result;
    }

    private static ChatOptions Greedy => new() { Temperature = 0 };

    private EndpointPool Pool(Uri[] addresses) => new(
        [.. addresses.Select(address => new Endpoint(
            address, isAlone: false, new ServerOptions(), tiny.Model.Tokenizer, NullLogger.Instance, _time))],
        NullLogger.Instance);

    private int[] Asked() => [.. _servers.Select(server => server.Asked.Count)];

    private Task<ChatResponse> AskAsync(IEnumerable<ChatMessage> messages) => _client.GetResponseAsync(messages, Greedy);

    /// <summary>Whose session "Hello!" is.</summary>
    private async Task<StandIn> FindFirstAsync()
    {
        await AskAsync([new(ChatRole.User, "Hello!")]);
        return _servers.Single(server => server.Asked.Count > 0);
    }
}
