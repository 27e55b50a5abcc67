using SmolLM3.Extensions.Constraints.Grammars;

namespace SmolLM3.Extensions.Constraints.Schemas;

/// <summary>Finds languages whose texts could only be infinite: a schema that requires itself.</summary>
internal static class Productivity
{
    /// <summary>Whether from every state of a language some text can be ended.</summary>
    public static bool Holds(Node start, GrammarWork work)
    {
        if (start.IsDead)
        {
            return false;
        }

        HashSet<Node> nodes = [start];
        Stack<Node> open = new([start]);
        while (open.TryPop(out Node? node))
        {
            foreach (Node part in Parts(node))
            {
                if (nodes.Add(part))
                {
                    open.Push(part);
                }
            }
        }

        // Nodes that are known to have a finite text, until no more are found; parts were mostly made before wholes.
        Node[] ordered = [.. nodes.OrderBy(node => node.Id)];
        HashSet<Node> finite = [];
        int before;
        do
        {
            work.Spend(ordered.Length);
            before = finite.Count;
            foreach (Node node in ordered)
            {
                if (IsFinite(node, finite))
                {
                    finite.Add(node);
                }
            }
        }
        while (finite.Count > before);

        return finite.Count == nodes.Count;
    }

    private static Node[] Parts(Node node) => node switch
    {
        ConcatenationNode chain => [chain.Head, chain.Tail],
        AlternativeNode alternative => alternative.Options,
        RepeatNode repeat => [repeat.Item],
        RuleNode rule => [rule.Body],
        _ => [],
    };

    private static bool IsFinite(Node node, HashSet<Node> finite) => node switch
    {
        ConcatenationNode chain => finite.Contains(chain.Head) && finite.Contains(chain.Tail),
        AlternativeNode alternative => alternative.Options.Any(finite.Contains),
        RepeatNode repeat => repeat.Least == 0 || finite.Contains(repeat.Item),
        RuleNode rule => finite.Contains(rule.Body),
        _ => !node.IsDead,
    };
}
