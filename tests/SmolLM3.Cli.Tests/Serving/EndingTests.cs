using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using SmolLM3.Cli.Serving;

namespace SmolLM3.Cli.Tests.Serving;

/// <summary>Answers that end before they are whole.</summary>
public sealed class EndingTests
{
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Who_hangs_up_ends_the_generation(string streams)
    {
        await using RunningServer server = await RunningServer.StartAsync(client: Endless());
        using var hangUp = new CancellationTokenSource();

        Task asking = server.Http.PostAsync("/v1/chat/completions", Body(streams), hangUp.Token);
        await _begun.Task;
        await hangUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await _cancelled.Task;
    }

    [Fact]
    public async Task A_server_that_ends_tells_those_it_must_leave()
    {
        var time = new FakeTimeProvider();
        ServerSettings settings = new();
        await using RunningServer server = await RunningServer.StartAsync(settings, Endless(), time);
        Task<HttpResponseMessage> whole = server.Http.PostAsync("/v1/chat/completions", Body("false"));
        await _begun.Task;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = Body("true") };
        HttpResponseMessage response = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Task<string> reading = response.Content.ReadAsStringAsync();

        server.App.Lifetime.StopApplication();
        Task stopping = server.App.StopAsync();
        time.Advance(settings.ShutdownTimeout / 2);
        Assert.False(_cancelled.Task.IsCompleted);
        time.Advance(settings.ShutdownTimeout / 2);

        await _cancelled.Task;
        string text = await reading;
        Assert.Contains("server_shutting_down", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
        Assert.Equal(503, (int)(await whole).StatusCode);
        await stopping;
    }

    [Fact]
    public async Task An_answer_that_ends_in_time_is_whole()
    {
        var go = new TaskCompletionSource();
        await using RunningServer server = await RunningServer.StartAsync(client: new FakeChatClient((_, _) => Answer()));
        Task<string[]> reading = server.StreamAsync("""{"messages": [{"role": "user", "content": "x"}], "stream": true}""");

        await _begun.Task;
        Task stopping = server.App.StopAsync();
        go.SetResult();

        Assert.Equal("[DONE]", (await reading)[^1]);
        await stopping;

        async IAsyncEnumerable<ChatResponseUpdate> Answer()
        {
            yield return FakeChatClient.Text("Hel");
            _begun.SetResult();
            await go.Task;
            yield return FakeChatClient.Text("lo");
        }
    }

    private FakeChatClient Endless()
    {
        return new FakeChatClient((_, cancellationToken) => Answer(cancellationToken));

        async IAsyncEnumerable<ChatResponseUpdate> Answer([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            yield return FakeChatClient.Text("Hel");
            _begun.TrySetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally
            {
                _cancelled.TrySetResult();
            }
        }
    }

    private static StringContent Body(string streams) => new(
        "{\"messages\": [{\"role\": \"user\", \"content\": \"x\"}], \"stream\": " + streams + "}",
        Encoding.UTF8,
        "application/json");
}
