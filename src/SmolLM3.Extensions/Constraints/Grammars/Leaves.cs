namespace SmolLM3.Extensions.Constraints.Grammars;

/// <summary>The empty text, or no text at all.</summary>
internal sealed class EmptyNode(Grammar grammar, bool isNullable) : Node(grammar, isNullable)
{
    public override ByteSet First => default;

    public override ByteSet Starts => default;

    public override string ToString() => IsNullable ? "()" : "{}";

    protected override Node Derive(byte value) => Grammar.Nothing;
}

/// <summary>One byte of a set.</summary>
internal sealed class ByteNode(Grammar grammar, ByteSet set) : Node(grammar, isNullable: false)
{
    public override ByteSet First => set;

    public override ByteSet Starts { get; } = set.Starts;

    public override string ToString() => $"[{set}]";

    protected override Node Derive(byte value) => set.Contains(value) ? Grammar.End : Grammar.Nothing;
}

/// <summary>What is left of one text, from an offset on.</summary>
internal sealed class LiteralNode(Grammar grammar, byte[] text, int offset) : Node(grammar, isNullable: false)
{
    /// <summary>Bytes that are left.</summary>
    public int Length => text.Length - offset;

    public override ByteSet First => ByteSet.Of(text[offset]);

    public override ByteSet Starts => First.Starts;

    public override string ToString() => $"'{Convert.ToHexString(text.AsSpan(offset))}'";

    protected override Node Derive(byte value) => value != text[offset] ? Grammar.Nothing
        : offset + 1 == text.Length ? Grammar.End
        : Grammar.Literal(text, offset + 1);
}
