using System.CommandLine;
using System.CommandLine.Invocation;
using SmolLM3.Cli;
using SmolLM3.Cli.Commands;

// Prompts and answers are UTF-8 whatever the terminal says; no byte-order mark, so that pipes get exactly the text.
Console.OutputEncoding = new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

ParseResult command = CommandLine.Create().ParseLine(args);
if (args.Length > 0 && command.Action is ParseErrorAction)
{
    return ExitCodes.Misread(command);
}

InvocationConfiguration invocation = new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
if (command.CommandResult.Command.Name is ChatCommand.Name or ServeCommand.Name)
{
    // Their Ctrl-C is their own: it stops the chat's answer, and the server when its answers have ended.
    return await ExitCodes.RunAsync(() => command.InvokeAsync(invocation));
}

using var termination = new Termination();
return await ExitCodes.RunAsync(() => termination.RunAsync(token => command.InvokeAsync(invocation, token)));
