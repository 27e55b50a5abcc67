namespace SmolLM3.Extensions.Constraints.Grammars;

/// <summary>
/// A regular language that is worked on as one thing: a whole string, a whole number. Steps within it go only where the
/// text can still be ended, and which tokens fit within it is worked out once, whatever comes after it.
/// </summary>
internal sealed class AtomNode(Grammar grammar, Node content) : Node(grammar, content.IsNullable)
{
    public Node Content => content;

    public override ByteSet First => content.First;

    public override ByteSet Starts => content.Starts;

    public override void Write(NodeText text) => text.Add("<").Add(content).Add(">");

    protected override Node Derive(byte value) => Grammar.Atom(content.Step(value));
}
