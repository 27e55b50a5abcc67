namespace SmolLM3.Extensions.Constraints.Grammars;

/// <summary>One of several languages; none is an alternative itself.</summary>
internal sealed class AlternativeNode(Grammar grammar, Node[] options)
    : Node(grammar, options.Any(option => option.IsNullable))
{
    private ByteSet? _first;
    private ByteSet? _starts;

    public Node[] Options => options;

    // Worked out when they are asked for: rules among the options may be written later.
    public override ByteSet First =>
        _first ??= options.Aggregate(default(ByteSet), (set, option) => set | option.First);

    public override ByteSet Starts =>
        _starts ??= options.Aggregate(default(ByteSet), (set, option) => set | option.Starts);

    public override bool IsRestricted { get; } = options.Any(option => option.IsRestricted);

    public override void Write(NodeText text)
    {
        text.Add("(");
        for (int i = 0; i < options.Length && !text.IsFull; i++)
        {
            text.Add(i == 0 ? "" : "|").Add(options[i]);
        }

        text.Add(")");
    }

    protected override Node Derive(byte value)
    {
        List<Node> steps = [];
        foreach (Node option in options)
        {
            if (option.First.Contains(value))
            {
                steps.Add(option.Step(value));
            }
        }

        return Grammar.Either(steps);
    }
}
