using System.CommandLine;

namespace SmolLM3.Cli.Commands;

/// <summary>Options several commands share, so that they are spelt and explained once.</summary>
internal static class Arguments
{
    public static Option<FileInfo> Model(bool required) => new("--model", "-m")
    {
        Description = required ? "The GGUF file." : "The GGUF file; without it the tiny model that comes along.",
        HelpName = "FILE",
        Required = required,
    };

    public static Option<int?> Threads() => new("--threads", "-t")
    {
        Description = "Threads that compute; default: the cores this process may use.",
        HelpName = "N",
    };

    /// <summary>The two mode flags; at most one may be given.</summary>
    public static (Option<bool> Think, Option<bool> NoThink) Mode(Command command)
    {
        var think = new Option<bool>("--think") { Description = "Reason before answering." };
        var noThink = new Option<bool>("--no-think") { Description = "Answer at once." };
        command.Options.Add(think);
        command.Options.Add(noThink);
        command.Validators.Add(result =>
        {
            if (result.GetValue(think) && result.GetValue(noThink))
            {
                result.AddError("--think and --no-think exclude each other.");
            }
        });
        return (think, noThink);
    }
}
