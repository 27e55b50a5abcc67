namespace SmolLM3.Extensions.Constraints.Grammars;

/// <summary>What is in both languages.</summary>
internal sealed class IntersectionNode(Grammar grammar, Node a, Node b)
    : Node(grammar, a.IsNullable && b.IsNullable)
{
    public override ByteSet First => a.First & b.First;

    public override ByteSet Starts { get; } = a.Starts | b.Starts;

    /// <summary>Not where finitely many texts are taken from a language of which every beginning goes on for ever: then
    /// some text is always left.</summary>
    public override bool IsRestricted { get; } = !(Leaves(a, b) || Leaves(b, a));

    public override void Write(NodeText text) => text.Add("(").Add(a).Add("&").Add(b).Add(")");

    protected override Node Derive(byte value) => Grammar.Both(a.Step(value), b.Step(value));

    private static bool Leaves(Node language, Node restriction) =>
        restriction is ComplementNode { IsOfFiniteLanguage: true } && NeverEnds(language);

    private static bool NeverEnds(Node language)
    {
        while (language is ConcatenationNode chain && !chain.IsRestricted)
        {
            language = chain.Tail;
        }

        return language is RepeatNode { Most: RepeatNode.Unlimited, IsRestricted: false }
            || language is AlternativeNode { IsRestricted: false } alternative && alternative.Options.All(NeverEnds);
    }
}

/// <summary>All texts but those of a language.</summary>
internal sealed class ComplementNode(Grammar grammar, Node excluded) : Node(grammar, !excluded.IsNullable)
{
    /// <summary>What is taken out.</summary>
    public Node Excluded => excluded;

    /// <summary>Whether so few texts are taken out that they could be counted.</summary>
    public bool IsOfFiniteLanguage { get; } = IsFinite(excluded);

    public override ByteSet First => ByteSet.All;

    public override ByteSet Starts => excluded.Starts;

    public override bool IsRestricted => true;

    public override void Write(NodeText text) => text.Add("!(").Add(excluded).Add(")");

    protected override Node Derive(byte value) => Grammar.Not(excluded.Step(value));

    private static bool IsFinite(Node node) => node switch
    {
        AlternativeNode alternative => alternative.Options.All(IsFinite),
        _ => node is LiteralNode or EmptyNode,
    };
}
