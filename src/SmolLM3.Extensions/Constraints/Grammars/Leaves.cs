namespace SmolLM3.Extensions.Constraints.Grammars;

/// <summary>The empty text, or no text at all.</summary>
internal sealed class EmptyNode(Grammar grammar, bool isNullable) : Node(grammar, isNullable)
{
    public override ByteSet First => default;

    public override ByteSet Starts => default;

    public override void Write(NodeText text) => text.Add(IsNullable ? "()" : "{}");

    protected override Node Derive(byte value) => Grammar.Nothing;
}

/// <summary>One byte of a set.</summary>
internal sealed class ByteNode(Grammar grammar, ByteSet set) : Node(grammar, isNullable: false)
{
    public override ByteSet First => set;

    public override ByteSet Starts { get; } = set.Starts;

    public override void Write(NodeText text) => text.Add($"[{set}]");

    protected override Node Derive(byte value) => set.Contains(value) ? Grammar.End : Grammar.Nothing;
}

/// <summary>What is left of one text, from an offset on.</summary>
internal sealed class LiteralNode(Grammar grammar, byte[] bytes, int offset) : Node(grammar, isNullable: false)
{
    /// <summary>Bytes that are left.</summary>
    public int Length => bytes.Length - offset;

    public override ByteSet First => ByteSet.Of(bytes[offset]);

    // Its byte and the next one; UTF-8 has no byte 255.
    public override ByteSet Starts => ByteSet.Range(bytes[offset], (byte)(bytes[offset] + 1));

    public override void Write(NodeText text) => text.Add($"'{Convert.ToHexString(bytes.AsSpan(offset))}'");

    protected override Node Derive(byte value) => value != bytes[offset] ? Grammar.Nothing
        : offset + 1 == bytes.Length ? Grammar.End
        : Grammar.Literal(bytes, offset + 1);
}
