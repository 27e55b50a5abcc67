using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Completion;
using SmolLM3.Extensions.Constraints.Masks;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Loading;
using SmolLM3.Extensions.Sampling;

namespace SmolLM3.Extensions.Remote.Tests.StandIns;

/// <summary>A server on this machine that speaks as another one does and runs the tiny model, or fails as it is
/// told.</summary>
internal abstract class StandIn : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _live;

    protected StandIn(LoadedModel model)
    {
        Model = model;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
    }

    /// <summary>Bodies of the completions asked for.</summary>
    public ConcurrentQueue<JsonObject> Asked { get; } = [];

    /// <summary>Paths asked for.</summary>
    public ConcurrentQueue<string> Paths { get; } = [];

    public Fault Fault { get; set; }

    /// <summary>Tokens before the fault.</summary>
    public int Good { get; set; }

    /// <summary>How many requests meet the fault; then it is over.</summary>
    public int Times { get; set; } = int.MaxValue;

    public HttpStatusCode Status { get; set; } = HttpStatusCode.InternalServerError;

    /// <summary>Whether it takes forms and does not hold to them.</summary>
    public bool IgnoresForms { get; set; }

    /// <summary>The key it wants; null: none.</summary>
    public string? ApiKey { get; set; }

    public string ModelName { get; set; } = "tiny";

    /// <summary>What it says of every token: another tokenizer's ids.</summary>
    public int TokenShift { get; set; }

    public int ContextLength { get; set; } = 2048;

    public Uri Address { get; private set; } = null!;

    /// <summary>Requests being answered.</summary>
    public int Live => Volatile.Read(ref _live);

    protected LoadedModel Model { get; }

    public async Task StartAsync()
    {
        _app.Use(async (context, next) =>
        {
            Paths.Enqueue(context.Request.Path.Value!);
            if (ApiKey is not null && context.Request.Headers.Authorization != $"Bearer {ApiKey}")
            {
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                await context.Response.WriteAsync("""{"error":{"code":401,"message":"Invalid API Key"}}""");
                return;
            }

            await next(context);
        });
        Map(_app);
        await _app.StartAsync();
        Address = new Uri(_app.Urls.Single());
    }

    /// <summary>As if its process had ended.</summary>
    public Task StopAsync() => _app.StopAsync(new CancellationToken(canceled: true));

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    protected abstract void Map(WebApplication app);

    /// <summary>The messages of one token, and of the end.</summary>
    protected abstract IEnumerable<string> Messages(GeneratedToken token, JsonObject body, List<GeneratedToken> all);

    protected abstract string EndMessage(GenerationEnd end, JsonObject body, List<GeneratedToken> all);

    /// <exception cref="BadHttpRequestException">The server refuses it.</exception>
    protected abstract GenerationRequest ToRequest(JsonObject body);

    protected async Task CompleteAsync(HttpContext context)
    {
        JsonObject body = (await JsonNode.ParseAsync(context.Request.Body))!.AsObject();
        Asked.Enqueue(body);
        bool fails = Fault != Fault.None && Times-- > 0;
        if (fails && Fault == Fault.Status)
        {
            context.Response.StatusCode = (int)Status;
            await context.Response.WriteAsJsonAsync(
                new { error = new { code = (int)Status, message = "as told", type = "stand-in" } });
            return;
        }

        GenerationRequest request = ToRequest(body);
        Interlocked.Increment(ref _live);
        try
        {
            context.Response.ContentType = "text/event-stream";

            // More is announced than will come: the client sees all that was sent, and then the end of the connection.
            context.Response.ContentLength = fails && Fault == Fault.Cut ? 1 << 20 : null;
            await context.Response.Body.FlushAsync();
            await StreamAsync(context, body, request, fails);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
        }
        finally
        {
            Interlocked.Decrement(ref _live);
        }
    }

    /// <summary>Constraints of a form, as servers hold to it, and of banned tokens.</summary>
    protected List<ITokenConstraint> Hold(AnswerForm? form, IEnumerable<int> banned)
    {
        List<ITokenConstraint> constraints = [new BannedTokens(banned)];
        if (form is not null && !IgnoresForms)
        {
            CompiledGrammar grammar = Model.Grammars.ForForm(form);
            constraints.Add(new TextConstraint(grammar, Model.Vocabulary!.TurnEnd, Model.Tokenizer.EndTokens));
        }

        return constraints;
    }

    protected static float Number(JsonObject body, string name, float missing) =>
        body[name] is { } value ? value.GetValue<float>() : missing;

    protected static int[] Ids(JsonNode? prompt) => [.. prompt!.AsArray().Select(id => id!.GetValue<int>())];

    protected static AnswerForm Schema(JsonNode schema) => new()
    {
        Schema = JsonElement.Parse(schema.ToJsonString()),
    };

    protected int[] Tokenize(string text) => [.. Model.Tokenizer.Encode(text).Select(id => id + TokenShift)];

    private async Task StreamAsync(HttpContext context, JsonObject body, GenerationRequest request, bool fails)
    {
        List<GeneratedToken> all = [];
        GenerationEnd end = GenerationEnd.Length;
        await foreach (GeneratedToken token in Model.Generator.GenerateAsync(request, context.RequestAborted))
        {
            if (fails && all.Count == Good)
            {
                await FailAsync(context, body, all);
                return;
            }

            all.Add(token);
            foreach (string message in Messages(token, body, all))
            {
                await SayAsync(context, message);
            }

            end = token.End ?? end;
        }

        foreach (string message in EndMessage(end, body, all).Split('\n'))
        {
            await SayAsync(context, message);
        }
    }

    private async Task FailAsync(HttpContext context, JsonObject body, List<GeneratedToken> all)
    {
        switch (Fault)
        {
            case Fault.Stall:
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
                break;
            case Fault.Error:
                await SayAsync(context, """{"error":{"code":500,"message":"out of memory","type":"server_error"}}""");
                break;
            case Fault.Garbage:
                await SayAsync(context, "<html>");
                break;
            case Fault.Length:
                await SayAsync(context, EndMessage(GenerationEnd.Length, body, all).Split('\n')[0]);
                break;
        }
    }

    private static async Task SayAsync(HttpContext context, string message)
    {
        await context.Response.WriteAsync($"data: {message}\n\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
