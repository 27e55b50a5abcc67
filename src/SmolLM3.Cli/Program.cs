using System.CommandLine;
using SmolLM3.Cli;
using SmolLM3.Cli.Commands;

// Prompts and answers are UTF-8 whatever the terminal says; no byte-order mark, so that pipes get exactly the text.
Console.OutputEncoding = new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

var root = new RootCommand("SmolLM3 on this machine: render prompts, tokenize, evaluate, run and measure GGUF files.")
{
    RunCommand.Create(),
    RenderCommand.Create(),
    TokenizeCommand.Create(),
    EvalCommand.Create(),
    BenchCommand.Create(),
    SyntheticCommand.Create(),
};

return await UserErrors.RunAsync(
    () => root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }));
