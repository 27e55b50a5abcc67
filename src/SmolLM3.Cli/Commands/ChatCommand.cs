using System.CommandLine;
using System.Runtime.InteropServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using SmolLM3.Cli.Chat;
using SmolLM3.Cli.Models;
using SmolLM3.Extensions;
using Spectre.Console;

namespace SmolLM3.Cli.Commands;

/// <summary><c>smollm3 chat</c>: a conversation, line by line.</summary>
internal static class ChatCommand
{
    public const string Name = "chat";

    public static Command Create()
    {
        var model = Arguments.Model();
        var threads = Arguments.Threads();
        var yarn = Arguments.Yarn();
        var system = Arguments.System();
        var maxTokens = Arguments.Count(1, "Most tokens of an answer.", "--max-tokens", "-n");
        var seed = new Option<long?>("--seed") { Description = "Makes answers repeatable.", HelpName = "S" };
        var temperature = new Option<float?>("--temperature")
        {
            Description = "0: always the likeliest token; default 0.6.", HelpName = "T",
        };
        var tools = new Option<bool>("--tools") { Description = "Let the model call the clock and the dice." };
        var command = new Command(Name, "Chats: a line in, an answer out. /help lists what can be said to the program itself.")
        {
            model, threads, yarn, system, maxTokens, seed, temperature, tools,
        };
        (Option<bool> think, Option<bool> noThink) = Arguments.Mode(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            AnswerStop stop = new();
            using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(
                PosixSignal.SIGINT, context => context.Cancel = stop.TryStop());
            if (!await stop.RunAsync(
                token => LocalModels.FetchAsync(result.GetRequiredValue(model), token), cancellationToken))
            {
                return ExitCodes.Interrupted;
            }

            await using ServiceProvider services = RunCommand.Services(
                result.GetRequiredValue(model), result.GetValue(threads), result.GetValue(yarn));
            using IChatClient client = services.GetRequiredService<IChatClient>().AsBuilder().UseFunctionInvocation().Build();
            ChatOptions options = new()
            {
                Instructions = result.GetValue(system),
                MaxOutputTokens = result.GetValue(maxTokens),
                Seed = result.GetValue(seed),
                Temperature = result.GetValue(temperature),
            };
            ChatStatistics statistics = new(TimeProvider.System);
            IList<AITool> offered = ChatTools.Create(TimeProvider.System);
            Conversation conversation = new(client, options, statistics)
            {
                Thinks = result.GetValue(think) ? true : result.GetValue(noThink) ? false : null,
                Tools = result.GetValue(tools) ? offered : null,
            };
            IChatView view = Console.IsOutputRedirected
                ? new PipeView(Console.Out, Console.Error)
                : new TerminalView(AnsiConsole.Console);
            ChatLoop loop = new(
                conversation, statistics, view, offered, stop,
                () => client.GetRequiredService<ISmolLM3Tokenizer>().ContextLength);
            bool isInteractive = !Console.IsInputRedirected;
            await loop.RunAsync(
                token =>
                {
                    if (isInteractive)
                    {
                        Console.Error.Write("> ");
                    }

                    return Console.In.ReadLineAsync(token);
                },
                isInteractive,
                cancellationToken);
            return 0;
        });
        return command;
    }
}
