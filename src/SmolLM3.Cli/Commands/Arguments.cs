using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using SmolLM3.Cli.Models;
using SmolLM3.Extensions.Models;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Cli.Commands;

/// <summary>Options several commands share, so that they are spelt, explained and checked once.</summary>
internal static class Arguments
{
    /// <summary>Above any context and any machine, and small enough that sums of a few do not overflow.</summary>
    private const int MostCount = 100_000_000;

    private const string ModelText =
        "A GGUF file, owner/repo, owner/repo:Q8_0 or owner/repo/file.gguf on the hub, or "
        + $"{LocalModels.Tiny}, the small one that comes along.";

    /// <summary><c>--model</c>: a path, a name on the hub, or <c>tiny</c>.</summary>
    public static Option<string> Model() => new("--model", "-m")
    {
        Description = ModelText, HelpName = "MODEL", DefaultValueFactory = _ => ModelCatalogue.DefaultName,
    };

    /// <summary>The same for a command of a model, which may be given without the option's name, too.</summary>
    /// <returns>What was given.</returns>
    public static Func<ParseResult, string> ModelOf(Command command)
    {
        Option<string> option = Model();
        var argument = new Argument<string?>("model")
        {
            Description = "The same as --model.", HelpName = "MODEL", Arity = ArgumentArity.ZeroOrOne,
        };
        command.Arguments.Add(argument);
        command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(argument) is not null && IsGiven(result, option))
            {
                result.AddError("The model is given twice.");
            }
        });
        return result => result.GetValue(argument) ?? result.GetRequiredValue(option);
    }

    /// <summary><c>--json</c>: for scripts.</summary>
    public static Option<bool> Json(string description = "Write one JSON object.") => new("--json")
    {
        Description = description,
    };

    /// <summary>The name of a model on the hub.</summary>
    public static Argument<string> HubModel(string description) => new("model")
    {
        Description = description + " owner/repo, owner/repo:Q8_0 or owner/repo/file.gguf.", HelpName = "MODEL",
    };

    public static Option<int?> Threads() =>
        Count(1, "Threads that compute; default: the cores this process may use.", "--threads", "-t");

    /// <summary>One whole number, or null when it is not given.</summary>
    public static Option<int?> Count(int least, string description, string name, params string[] aliases) =>
        new(name, aliases)
        {
            Description = description,
            HelpName = "N",
            CustomParser = result => ParseCount(result, result.Tokens[0].Value, name, least),
        };

    /// <summary>Whole numbers, several by commas or by giving the option again, as llama-bench takes them.</summary>
    public static Option<int[]> Counts(
        int[] otherwise, int least, string description, string name, params string[] aliases) => new(name, aliases)
    {
        Description = description,
        HelpName = "N[,N…]",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result => [.. result.Tokens
            .SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries))
            .Select(text => ParseCount(result, text, name, least) ?? least)],
    };

    /// <summary>Whether somebody wrote an option, rather than leaving it at its default.</summary>
    public static bool IsGiven(SymbolResult result, Option option) => result.GetResult(option) is { Implicit: false };

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

    private static int? ParseCount(ArgumentResult result, string text, string name, int least)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            && count >= least && count <= MostCount)
        {
            return count;
        }

        result.AddError($"{name} takes whole numbers from {least} to {MostCount:N0}; '{text}' is none.");
        return null;
    }

    /// <summary><c>--system</c>: instructions.</summary>
    public static Option<string?> System() => new("--system")
    {
        Description = "Instructions for the model.", HelpName = "TEXT",
    };

    /// <summary><c>--kv</c>: how keys and values are kept.</summary>
    public static Option<KvCacheType> Kv() => new("--kv")
    {
        Description = "How keys and values are kept: f16 or q8_0; default f16.", HelpName = "TYPE",
    };

    /// <summary><c>--kernel</c>: forces a kernel set.</summary>
    public static Option<string?> Kernel() => new("--kernel")
    {
        Description = "Forces a kernel set.", HelpName = "NAME",
    };

    /// <summary><c>--yarn</c>: a context longer than the model was made for.</summary>
    public static Option<float?> Yarn() => new("--yarn")
    {
        Description = "Stretches the positions so many times by YaRN: 2 makes 128k of 64k.", HelpName = "FACTOR",
    };
}
