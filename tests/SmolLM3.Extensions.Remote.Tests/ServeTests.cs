using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.AI;
using SmolLM3.Extensions.Remote.Tests.StandIns;
using SmolLM3.Inference.Engine;
using SmolLM3.TinyModel;

namespace SmolLM3.Extensions.Remote.Tests;

/// <summary>What shows at our own server alone, two of them as processes.</summary>
public sealed class ServeTests(TinyGenerator tiny, ServeProcess serve)
    : IClassFixture<TinyGenerator>, IClassFixture<ServeProcess>
{
    private const string Running = "smollm3_requests_running";

    private static ChatOptions Greedy => new() { Temperature = 0 };

    [Fact]
    public async Task It_is_known_by_what_it_says_of_itself()
    {
        using SmolLM3ChatClient client = Connect(serve.Address);

        EngineInfo engine = client.GetRequiredService<EngineInfo>();
        ModelInfo model = client.GetRequiredService<ModelInfo>();

        Assert.Equal(("smollm3 serve", false), (engine.Name, engine.IsBatchInvariant));
        Assert.Matches("^[0-9]+[.][0-9]+[.]", engine.Kernels);
        Assert.Equal((TinyModel.TinyModel.ModelId, ServeProcess.ContextLength), (model.Name, model.TrainedContextLength));
    }

    [Fact]
    public async Task Regular_expressions_hold_and_what_it_cannot_enforce_says_so()
    {
        using SmolLM3ChatClient client = Connect(serve.Address);

        ChatResponse held = await client.GetResponseAsync("What is 3 + 4?", Expression("[0-9]{4}"));
        var refused = await Assert.ThrowsAsync<ServerException>(
            () => client.GetResponseAsync("What is 3 + 4?", Expression("(?=a)b")));

        Assert.Matches("^[0-9]{4}$", held.Text);
        Assert.Equal(400, (int?)refused.StatusCode);
        Assert.False(refused.IsTransient);
    }

    [Fact]
    public async Task Who_leaves_ends_the_work_at_the_server()
    {
        using SmolLM3ChatClient client = Connect(serve.Address);
        using CancellationTokenSource leaving = new();
        IAsyncEnumerator<ChatResponseUpdate> updates =
            client.GetStreamingResponseAsync("Hello!", Endless(), leaving.Token).GetAsyncEnumerator();
        Assert.True(await updates.MoveNextAsync());
        Assert.Equal(1, await serve.MeasureAsync(Running));

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            while (await updates.MoveNextAsync())
            {
            }
        });
        await updates.DisposeAsync();
        while (await serve.MeasureAsync(Running) > 0)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }
    }

    [Fact]
    public async Task Where_one_of_two_dies_the_other_answers_and_what_was_begun_says_so()
    {
        ServeProcess other = new();
        await other.InitializeAsync();
        await using ServeProcess ending = other;
        using SmolLM3ChatClient client = new(new SmolLM3Options().UseTinyModel().UseServers(
            [serve.Address, other.Address], server => server.EjectionTime = TimeSpan.FromHours(1)));
        string whole = (await tiny.Local.GetResponseAsync("Hello!", Greedy)).Text;
        int asked = 0;
        while (await other.MeasureAsync("smollm3_output_tokens_total") == 0)
        {
            // Each first question is a session, and so has its own server.
            await client.GetResponseAsync($"What is {asked++} + 1?", Greedy);
        }

        string question = $"What is {asked - 1} + 1?";
        IAsyncEnumerator<ChatResponseUpdate> updates =
            client.GetStreamingResponseAsync(question, Endless()).GetAsyncEnumerator();
        Assert.True(await updates.MoveNextAsync());
        await other.KillAsync();

        var error = await Assert.ThrowsAsync<AnswerInterruptedException>(async () =>
        {
            while (await updates.MoveNextAsync())
            {
            }
        });
        Assert.NotEqual("", error.PartialText);
        await updates.DisposeAsync();
        Assert.Equal(whole, (await client.GetResponseAsync("Hello!", Greedy)).Text);
        Assert.NotEqual("", (await client.GetResponseAsync(question, Greedy)).Text);
    }

    [Fact]
    public async Task What_an_instance_answers_over_http_the_client_answers_too()
    {
        using HttpClient http = new() { BaseAddress = serve.Address };
        using SmolLM3ChatClient client = Connect(serve.Address);

        using HttpResponseMessage response = await http.PostAsJsonAsync("/v1/chat/completions", new
        {
            messages = new[] { new { role = "user", content = "What is 3 + 4?" } }, temperature = 0, n = 2, logprobs = true,
        });
        JsonElement[] choices = [.. JsonElement.Parse(await response.Content.ReadAsStringAsync())
            .GetProperty("choices").EnumerateArray()];

        string text = (await client.GetResponseAsync("What is 3 + 4?", Greedy)).Text;
        Assert.Equal([text, text], choices.Select(choice => choice.GetProperty("message").GetProperty("content").GetString()!));
    }

    /// <summary>Asks for an answer that goes on to the end of the context.</summary>
    private ChatOptions Endless() => new()
    {
        Temperature = 0,
        RawRepresentationFactory = _ => new SmolLM3RequestOptions
        {
            LogitBias = tiny.Model.Tokenizer.EndTokens.ToDictionary(id => id, _ => float.NegativeInfinity),
        },
    };

    private static ChatOptions Expression(string pattern) => new()
    {
        Temperature = 0, RawRepresentationFactory = _ => new SmolLM3RequestOptions { Regex = pattern },
    };

    private static SmolLM3ChatClient Connect(Uri address) =>
        new(new SmolLM3Options().UseTinyModel().UseServer(address));
}
