using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SmolLM3.Cli.Models;
using SmolLM3.Cli.Serving;
using SmolLM3.Extensions;

namespace SmolLM3.Cli.Commands;

/// <summary><c>smollm3 serve</c>: a model behind OpenAI's HTTP interface.</summary>
internal static class ServeCommand
{
    public const string Name = "serve";

    public static Command Create()
    {
        var modelId = new Option<string?>("--model-id")
        {
            Description = "The name requests call it by; default: that of the model.", HelpName = "NAME",
        };
        var threads = Arguments.Threads();
        var context = Arguments.Count(
            1, "Most tokens of a conversation; default: what the memory holds, 32,768 at most.", "--context", "-c");
        var sequences = Arguments.Count(1, "Most requests computed at once; default 16.", "--max-sequences");
        var queue = Arguments.Count(0, "Most requests that wait beside them; default 256.", "--max-queued");
        var kv = Arguments.Kv();
        var yarn = Arguments.Yarn();
        var think = new Option<bool>("--think") { Description = "Think before answering where a request does not say." };
        ServeOptions server = new();
        var command = new Command(Name, "Serves a model over HTTP, as OpenAI does.")
        {
            modelId, threads, context, sequences, queue, kv, yarn, think,
        };
        Func<ParseResult, string> model = Arguments.ModelOf(command);
        server.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            ServerSettings settings = await server.ReadAsync(result, cancellationToken);
            await RunAsync(settings, options =>
            {
                options.UseModel(model(result));
                options.ModelId = result.GetValue(modelId);
                options.Threads = result.GetValue(threads);
                options.ContextLength = result.GetValue(context);
                options.MaxSequences = result.GetValue(sequences) ?? options.MaxSequences;
                options.MaxQueuedRequests = result.GetValue(queue) ?? options.MaxQueuedRequests;
                options.KvCacheType = result.GetValue(kv);
                options.YarnFactor = result.GetValue(yarn);
                options.EnableThinking = result.GetValue(think);
            });
            return 0;
        });
        return command;
    }

    private static async Task RunAsync(ServerSettings settings, Action<SmolLM3Options> configure)
    {
        await using WebApplication app = ChatServer.Create(settings, services => services.AddSmolLM3(configure));
        ServedModel model = app.Services.GetRequiredService<ServedModel>();
        await app.StartAsync();
        try
        {
            await Console.Out.WriteLineAsync($"{model.Id} at {app.Urls.First()}, the OpenAI API under /v1. Ctrl-C ends it.");
            await model.LoadAsync(app.Lifetime.ApplicationStopping);
            await Console.Out.WriteLineAsync($"Ready: conversations of {model.ContextLength:N0} tokens.");
            await app.WaitForShutdownAsync();
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Told to end while it was loading.
        }
        finally
        {
            await app.StopAsync();
        }
    }
}
