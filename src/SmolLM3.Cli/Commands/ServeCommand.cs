using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SmolLM3.Cli.Serving;
using SmolLM3.Extensions;
using SmolLM3.TinyModel;

namespace SmolLM3.Cli.Commands;

/// <summary><c>smollm3 serve</c>: a model behind OpenAI's HTTP interface.</summary>
internal static class ServeCommand
{
    private const string Name = "serve";

    /// <summary>Whether it was this command that was called: it sees to signals itself.</summary>
    public static bool IsCalled(ParseResult command) => command.CommandResult.Command.Name == Name;

    public static Command Create()
    {
        var model = new Argument<FileInfo?>("model")
        {
            Description = "The GGUF file; without it the tiny model that comes along.", Arity = ArgumentArity.ZeroOrOne,
        };
        var modelId = new Option<string?>("--model-id")
        {
            Description = "The name requests call it by; default: that of the file.", HelpName = "NAME",
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
            model, modelId, threads, context, sequences, queue, kv, yarn, think,
        };
        server.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            ServerSettings settings = await server.ReadAsync(result, cancellationToken);
            await RunAsync(settings, options =>
            {
                if (result.GetValue(model) is { } file)
                {
                    options.Model = file.FullName;
                }
                else
                {
                    options.UseTinyModel();
                }

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
