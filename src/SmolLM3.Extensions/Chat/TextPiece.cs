using System.Text;

namespace SmolLM3.Extensions.Chat;

/// <summary>
/// The text between two tags, given out as it comes but for the blanks that belong to the tags: in front of it those
/// behind the opening tag, at its end those before the next one, and all of it when there is nothing else.
/// </summary>
internal sealed class TextPiece(StopMatcher? stops = null)
{
    private readonly StringBuilder _heldBlanks = new();
    private bool _begun;
    private bool _hasContent;
    private bool _afterTag;

    /// <summary>Whether a stop sequence ended the text.</summary>
    public bool Stopped => stops is { Stopped: true };

    /// <summary>
    /// Begins a piece. Behind a tag all blanks are skipped. At the very start of the output only line breaks are, as
    /// the template skips them in the history too: blanks there may be meant as indentation.
    /// </summary>
    public void Begin(bool afterTag)
    {
        _heldBlanks.Clear();
        (_begun, _hasContent, _afterTag) = (false, false, afterTag);
    }

    /// <summary>A tag that opens and closes nothing stands here: in front of the text it counts as a tag.</summary>
    public void SkipTag() => _afterTag = true;

    /// <summary>Takes more text and returns what can be given out.</summary>
    public string Append(string text)
    {
        if (!_begun)
        {
            text = _afterTag ? text.TrimStart() : text.TrimStart(['\n', '\r']);
            _begun = text.Length > 0;
        }

        return HoldBlanks(stops is null ? text : stops.Append(text));
    }

    /// <summary>Ends the piece at a tag and returns what is left.</summary>
    public string EndAtTag() => stops is null ? "" : HoldBlanks(stops.Flush());

    /// <summary>Ends the piece where the output ends and returns what is left, blanks at the end included.</summary>
    public string EndOfOutput()
    {
        string rest = EndAtTag();
        return _hasContent ? rest + _heldBlanks : "";
    }

    private string HoldBlanks(string text)
    {
        int length = text.AsSpan().TrimEnd().Length;
        string given = "";
        if (length > 0)
        {
            string content = length == text.Length ? text : text[..length];
            given = _heldBlanks.Length == 0 ? content : _heldBlanks.Append(content).ToString();
            _heldBlanks.Clear();
            _hasContent = true;
        }

        _heldBlanks.Append(text, length, text.Length - length);
        return given;
    }
}
