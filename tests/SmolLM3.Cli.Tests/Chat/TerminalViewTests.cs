using SmolLM3.Cli.Chat;
using Spectre.Console;

namespace SmolLM3.Cli.Tests.Chat;

public sealed class TerminalViewTests
{
    private readonly StringWriter _screen = new() { NewLine = "\n" };

    [Fact]
    public void Thoughts_are_dim_and_answers_plain()
    {
        TerminalView view = View(AnsiSupport.Yes);
        view.Thought("Let me ");
        view.Thought("see.");
        view.Text("It is ");
        view.Text("4. [bold]");
        view.End();
        view.Notice("→ add(a: 1)");

        Assert.Equal(
            "\e[2mLet me \e[0m\e[2msee.\e[0m\nIt is 4. [bold]\n\e[2m→ add(a: 1)\e[0m\n", _screen.ToString());
    }

    [Fact]
    public void Folded_thoughts_are_one_line()
    {
        TerminalView view = View(AnsiSupport.No);
        view.FoldsThoughts = true;
        view.Thought("Let me ");
        view.Thought("see.");
        view.Text("4.");
        view.End();
        Assert.Equal("(thinking; /thought shows it)\n4.\n", _screen.ToString());
    }

    [Fact]
    public void What_is_said_commands_no_terminal()
    {
        TerminalView view = View(AnsiSupport.Yes);
        view.Text("a\e[31mred\a\u009b2J\tb\nc\r");
        Assert.Equal("a␛[31mred␇\uFFFD2J\tb\nc␍", _screen.ToString());
    }

    [Fact]
    public void Characters_of_any_script_come_as_they_are()
    {
        const string text = "مرحبا 你好 Привет 👩‍👩‍👧‍👦 🇵🇹 e\u0301 \u200f\u202e";
        View(AnsiSupport.Yes).Text(text);
        Assert.Equal(text, _screen.ToString());
    }

    private TerminalView View(AnsiSupport ansi) => new(AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = ansi, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(_screen),
    }));
}
