namespace SmolLM3.Extensions.Constraints.Grammars;

/// <summary>A language that is named, so that it can hold itself. Its text is never empty.</summary>
internal sealed class RuleNode(Grammar grammar) : Node(grammar, isNullable: false)
{
    private Node? _body;

    /// <summary>What it stands for; set once, before it is used.</summary>
    public Node Body
    {
        get => _body ?? throw new InvalidOperationException("A rule of the grammar was used before it was written.");
        set => _body = value;
    }

    public override ByteSet First => Body.First;

    public override ByteSet Starts => Body.Starts;

    public override void Write(NodeText text) => text.Add($"#{Id}");

    protected override Node Derive(byte value) => Body.Step(value);
}
