using System.CommandLine;
using System.CommandLine.Parsing;
using SmolLM3.Cli.Help;

namespace SmolLM3.Cli.Tests.Help;

public sealed class HelpTests
{
    public static TheoryData<string> Commands =>
        [.. CommandLine.Create().Subcommands.Select(command => command.Name)];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Every_command_shows_its_examples(string name)
    {
        Smollm3.Result help = await Smollm3.RunAsync(name, "--help");
        Command command = CommandLine.Create().Subcommands.Single(command => command.Name == name);

        Assert.Equal((0, ""), (help.ExitCode, help.Error));
        Assert.Contains("Usage:", help.Text, StringComparison.Ordinal);
        Assert.Contains("130 Ctrl-C", help.Text, StringComparison.Ordinal);
        Assert.All(Examples.Of(command), example => Assert.Contains(example, help.Text, StringComparison.Ordinal));
        Assert.NotEmpty(Examples.Of(command));
        Assert.All(command.Options, option => Assert.False(string.IsNullOrEmpty(option.Description), option.Name));
    }

    [Fact]
    public void Every_example_is_a_line_the_command_understands()
    {
        RootCommand root = CommandLine.Create();
        foreach (Command command in root.Subcommands.Append(root))
        {
            foreach (string example in Examples.Of(command))
            {
                // From the command on, and up to a redirection; single quotes are those of shells.
                string line = example[(example.IndexOf("smollm3 ", StringComparison.Ordinal) + "smollm3 ".Length)..];
                string[] words = [.. CommandLineParser.SplitCommandLine(line.Split(" < ")[0].Replace('\'', '"'))];
                ParseResult result = root.ParseLine(words);

                Assert.True(result.Errors.Count == 0, $"{example}: {string.Join(' ', result.Errors)}");
                Assert.True(command is RootCommand || result.CommandResult.Command == command, example);
            }
        }
    }

    [Fact]
    public async Task Without_a_command_the_help_is_shown_and_it_is_a_mistake()
    {
        Smollm3.Result result = await Smollm3.RunAsync();

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("Examples:", result.Text, StringComparison.Ordinal);
    }
}
