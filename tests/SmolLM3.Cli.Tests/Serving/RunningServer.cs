using System.ClientModel;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenAI;
using OpenAI.Chat;
using SmolLM3.Cli.Serving;
using SmolLM3.TinyModel;

namespace SmolLM3.Cli.Tests.Serving;

/// <summary>A server on a free port of this machine, with the tiny model or with a client of the test's own.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private RunningServer(WebApplication app)
    {
        App = app;
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public WebApplication App { get; }

    public HttpClient Http { get; }

    public static async Task<RunningServer> StartAsync(
        ServerSettings? settings = null, IChatClient? client = null, TimeProvider? time = null, bool loads = true)
    {
        settings = (settings ?? new()) with { Port = 0, LogLevel = LogLevel.None };
        WebApplication app = ChatServer.Create(settings, services =>
        {
            if (time is not null)
            {
                services.AddSingleton(time);
            }

            _ = client is null ? services.AddSmolLM3(options => options.UseTinyModel()) : services.AddChatClient(client);
        });
        await app.StartAsync();
        if (loads)
        {
            await app.Services.GetRequiredService<ServedModel>().LoadAsync(CancellationToken.None);
        }

        return new RunningServer(app);
    }

    /// <summary>OpenAI's own client.</summary>
    public ChatClient OpenAI(string key = "none") => new(
        TinyModel.TinyModel.ModelId,
        new ApiKeyCredential(key),
        new OpenAIClientOptions { Endpoint = new Uri(Http.BaseAddress!, "v1") });

    public Task<HttpResponseMessage> PostAsync(string json, string path = "/v1/chat/completions") =>
        Http.PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"));

    public async Task<JsonElement> AskAsync(string json, string path = "/v1/chat/completions") =>
        await ReadAsync(await PostAsync(json, path));

    public async Task<JsonElement> GetAsync(string path) => await ReadAsync(await Http.GetAsync(path));

    /// <summary>The data of a stream's events.</summary>
    public async Task<string[]> StreamAsync(string json, string path = "/v1/chat/completions")
    {
        HttpResponseMessage response = await PostAsync(json, path);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        string text = await response.Content.ReadAsStringAsync();
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Where(part => part != ":").Select(part => part["data: ".Length..])];
    }

    public static async Task<JsonElement> ReadAsync(HttpResponseMessage response) =>
        JsonElement.Parse(await response.Content.ReadAsStringAsync());

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await App.DisposeAsync();
    }
}
