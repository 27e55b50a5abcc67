using System.CommandLine;
using SmolLM3.Inference.Engine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace SmolLM3.Cli.Commands;

/// <summary>Options several commands share, so that they are spelt, explained and checked once.</summary>
internal static class Arguments
{
    /// <summary>Above any context and any machine, and small enough that sums of a few do not overflow.</summary>
    private const int MostCount = 100_000_000;

    public static Option<FileInfo> Model(bool required) => new("--model", "-m")
    {
        Description = required ? "The GGUF file." : "The GGUF file; without it the tiny model that comes along.",
        HelpName = "FILE",
        Required = required,
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
