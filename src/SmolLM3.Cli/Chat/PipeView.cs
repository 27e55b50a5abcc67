namespace SmolLM3.Cli.Chat;

/// <summary>Answers on standard output, a line break behind each; everything else on standard error.</summary>
/// <param name="output">Standard output.</param>
/// <param name="error">Standard error.</param>
internal sealed class PipeView(TextWriter output, TextWriter error) : IChatView
{
    private bool _isThinking;

    public void Thought(string text)
    {
        _isThinking = true;
        error.Write(Visible.ForError(text));
    }

    public void Text(string text)
    {
        EndThought();
        output.Write(Visible.ForOutput(text));
    }

    public void Notice(string line)
    {
        EndThought();
        error.WriteLine(Visible.ForError(line));
    }

    public void Error(string line) => Notice($"smollm3: {line}");

    public void End()
    {
        EndThought();
        output.WriteLine();
        output.Flush();
    }

    private void EndThought()
    {
        if (_isThinking)
        {
            _isThinking = false;
            error.WriteLine();
        }
    }
}
