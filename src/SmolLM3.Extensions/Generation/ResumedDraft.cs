namespace SmolLM3.Extensions.Generation;

/// <summary>Finds where the last copy goes on behind what was put in place of a piece of it: a form's next label behind the
/// value of a field, the rest of a line behind an edit.</summary>
internal sealed class ResumedDraft : DraftSource
{
    // How long a piece may be that something else was put for. On the recorded answers 4 to 16 do as well.
    private const int Window = 8;

    private int _left = -1;

    /// <summary>A copy ended.</summary>
    /// <param name="place">Behind its last token in what it is a copy of.</param>
    public void Leave(int place) => _left = place;

    /// <inheritdoc/>
    public override bool TryFind(ReadOnlySpan<int> tokens, out int next)
    {
        int found = _left < 0 ? -1 : tokens[_left..Math.Min(_left + Window, tokens.Length - 1)].IndexOf(tokens[^1]);
        next = _left + found + 1;
        return found >= 0;
    }
}
