namespace SmolLM3.Extensions.Constraints.Grammars;

/// <summary>What is in both languages.</summary>
internal sealed class IntersectionNode(Grammar grammar, Node a, Node b)
    : Node(grammar, a.IsNullable && b.IsNullable)
{
    public override ByteSet First => a.First & b.First;

    public override ByteSet Starts { get; } = a.Starts | b.Starts;

    public override bool IsRestricted => true;

    public override string ToString() => $"({a}&{b})";

    protected override Node Derive(byte value) => Grammar.Both(a.Step(value), b.Step(value));
}

/// <summary>All texts but those of a language.</summary>
internal sealed class ComplementNode(Grammar grammar, Node excluded) : Node(grammar, !excluded.IsNullable)
{
    public override ByteSet First => ByteSet.All;

    public override ByteSet Starts => excluded.Starts;

    public override bool IsRestricted => true;

    public override string ToString() => $"!({excluded})";

    protected override Node Derive(byte value) => Grammar.Not(excluded.Step(value));
}
