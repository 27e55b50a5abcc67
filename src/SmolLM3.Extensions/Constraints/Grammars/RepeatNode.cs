namespace SmolLM3.Extensions.Constraints.Grammars;

/// <summary>A language several times over.</summary>
/// <param name="grammar">Whose node it is.</param>
/// <param name="item">The language, not nullable.</param>
/// <param name="least">Least number of times.</param>
/// <param name="most">Most number of times, above 0, or <see cref="Unlimited"/>.</param>
internal sealed class RepeatNode(Grammar grammar, Node item, int least, int most) : Node(grammar, least == 0)
{
    public const int Unlimited = int.MaxValue;

    public Node Item => item;

    public int Least => least;

    public int Most => most;

    public override ByteSet First => item.First;

    public override ByteSet Starts => item.Starts;

    public override bool IsRestricted => item.IsRestricted;

    public override void Write(NodeText text) =>
        text.Add("{").Add(item).Add($"}}{least}..{(most == Unlimited ? "" : most)}");

    protected override Node Derive(byte value) => Grammar.Concatenate(
        item.Step(value), Grammar.Repeat(item, Math.Max(least - 1, 0), most == Unlimited ? most : most - 1));
}
