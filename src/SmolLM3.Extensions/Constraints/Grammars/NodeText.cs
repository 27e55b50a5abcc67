using System.Text;

namespace SmolLM3.Extensions.Constraints.Grammars;

/// <summary>Takes the text of a node until it is too long: nodes share their parts, so that few of them may have a text
/// of any length.</summary>
/// <param name="most">Most characters.</param>
internal sealed class NodeText(int most)
{
    private readonly StringBuilder _text = new();

    /// <summary>Whether more came than it takes; what comes then is left out.</summary>
    public bool IsFull => _text.Length > most;

    /// <summary>Adds a text.</summary>
    public NodeText Add(string text)
    {
        if (!IsFull)
        {
            _text.Append(text);
        }

        return this;
    }

    /// <summary>Adds the text of a node.</summary>
    public NodeText Add(Node node)
    {
        if (!IsFull)
        {
            node.Write(this);
        }

        return this;
    }

    public override string ToString() => _text.ToString();
}
