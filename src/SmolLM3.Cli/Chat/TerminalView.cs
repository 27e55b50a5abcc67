using Spectre.Console;

namespace SmolLM3.Cli.Chat;

/// <summary>A terminal: thoughts are dim, or folded into one line.</summary>
/// <param name="console">The terminal. What it cannot show, such as colours, is left out.</param>
internal sealed class TerminalView(IAnsiConsole console) : IChatView
{
    private const string Dim = "\e[2m";
    private const string Red = "\e[31m";
    private const string Plain = "\e[0m";

    private Part _part;

    private enum Part
    {
        None,
        Thought,
        Text,
    }

    /// <summary>Whether thoughts are one line each.</summary>
    public bool FoldsThoughts { get; set; }

    private TextWriter Writer => console.Profile.Out.Writer;

    public void Thought(string text)
    {
        bool isNew = Begin(Part.Thought);
        if (isNew || !FoldsThoughts)
        {
            Write(Dim, FoldsThoughts ? "(thinking; /thought shows it)" : text);
        }
    }

    public void Text(string text)
    {
        Begin(Part.Text);
        Writer.Write(Visible.OfLines(text));
        Writer.Flush();
    }

    public void Notice(string line) => Line(Dim, line);

    // NO_COLOR is of colours: what is dim stays dim.
    public void Error(string line) =>
        Line(console.Profile.Capabilities.ColorSystem == ColorSystem.NoColors ? Plain : Red, line);

    public void End() => Begin(Part.None);

    private void Line(string style, string line)
    {
        Begin(Part.None);
        Write(style, line);
        Writer.WriteLine();
    }

    private bool Begin(Part part)
    {
        if (_part == part)
        {
            return false;
        }

        if (_part != Part.None)
        {
            Writer.WriteLine();
        }

        _part = part;
        return true;
    }

    // Not as markup or as Spectre's own text: that would be wrapped anew at each piece of a stream.
    private void Write(string style, string text)
    {
        console.Write(new ControlCode(style));
        Writer.Write(Visible.OfLines(text));
        console.Write(new ControlCode(Plain));
        Writer.Flush();
    }
}
