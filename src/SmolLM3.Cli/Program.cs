using System.CommandLine;
using System.CommandLine.Invocation;
using SmolLM3.Cli;
using SmolLM3.Cli.Commands;

// Prompts and answers are UTF-8 whatever the terminal says; no byte-order mark, so that pipes get exactly the text.
Console.OutputEncoding = new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

var root = new RootCommand(
    "SmolLM3 on this machine: pull models, chat, render prompts, tokenize, evaluate, run and measure GGUF files.")
{
    PullCommand.Create(),
    ListCommand.Create(),
    RemoveCommand.Create(),
    ChatCommand.Create(),
    RunCommand.Create(),
    RenderCommand.Create(),
    TokenizeCommand.Create(),
    EvalCommand.Create(),
    InfoCommand.Create(),
    BenchCommand.Create(),
    ServeCommand.Create(),
    SyntheticCommand.Create(),
};

// A prompt may begin with "@": it names no file of arguments.
ParseResult command = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
if (args.Length > 0 && command.Action is ParseErrorAction mistake)
{
    mistake.ShowHelp = false;
}

InvocationConfiguration invocation = new() { EnableDefaultExceptionHandler = false };
if (command.CommandResult.Command.Name == ChatCommand.Name || ServeCommand.IsCalled(command))
{
    // Their Ctrl-C is their own: it stops the chat's answer, and the server when its answers have ended.
    invocation.ProcessTerminationTimeout = null;
}

return await UserErrors.RunAsync(() => command.InvokeAsync(invocation));
