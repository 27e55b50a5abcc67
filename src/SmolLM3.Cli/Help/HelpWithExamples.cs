using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace SmolLM3.Cli.Help;

/// <summary>The help of a command, and below it examples and how it ends.</summary>
/// <param name="help">Writes what stands above.</param>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    /// <summary>Who asks for help is not told of mistakes.</summary>
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        int code = help.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (string example in Examples.Of(parseResult.CommandResult.Command))
        {
            output.WriteLine($"  {example}");
        }

        output.WriteLine();
        output.WriteLine("Exit codes:");
        output.WriteLine("  0 done, 1 a mistake in the input, 70 a fault of the program, 130 Ctrl-C, 143 told to terminate");
        output.WriteLine();
        return code;
    }
}
