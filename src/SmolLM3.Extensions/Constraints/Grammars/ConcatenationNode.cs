namespace SmolLM3.Extensions.Constraints.Grammars;

/// <summary>One language after another. The first is never a concatenation itself: a chain leans to the right, so that
/// a step looks at its beginning only.</summary>
internal sealed class ConcatenationNode(Grammar grammar, Node head, Node tail)
    : Node(grammar, head.IsNullable && tail.IsNullable)
{
    public Node Head => head;

    public Node Tail => tail;

    public override ByteSet First => head.IsNullable ? head.First | tail.First : head.First;

    public override ByteSet Starts => head.IsNullable ? head.Starts | tail.Starts : head.Starts;

    public override bool IsRestricted { get; } = head.IsRestricted || tail.IsRestricted;

    // A loop, because a chain may be long.
    public override void Write(NodeText text)
    {
        Node rest = this;
        for (; rest is ConcatenationNode chain && !text.IsFull; rest = chain.Tail)
        {
            text.Add(chain.Head);
        }

        text.Add(rest);
    }

    protected override Node Derive(byte value)
    {
        Node within = Grammar.Concatenate(head.Step(value), tail);
        return head.IsNullable ? Grammar.Either(within, tail.Step(value)) : within;
    }
}
