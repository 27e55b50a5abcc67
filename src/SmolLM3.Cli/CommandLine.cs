using System.CommandLine;
using System.CommandLine.Help;
using SmolLM3.Cli.Commands;
using SmolLM3.Cli.Help;

namespace SmolLM3.Cli;

/// <summary>The commands, and how a line is read.</summary>
internal static class CommandLine
{
    public static RootCommand Create()
    {
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
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        return root;
    }

    /// <summary>Reads a line. A prompt may begin with "@": it names no file of arguments.</summary>
    public static ParseResult ParseLine(this RootCommand root, string[] arguments) =>
        root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
}
