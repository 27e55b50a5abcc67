namespace SmolLM3.Extensions.Constraints.Grammars;

/// <summary>Finds out from which nodes a text can still be ended.</summary>
internal static class Liveness
{
    private const int MostNodes = 25_000;

    /// <summary>Whether some text is in a language.</summary>
    /// <exception cref="GrammarTooComplexException">Too many nodes follow it.</exception>
    /// <exception cref="OperationCanceledException">Nobody waits any longer.</exception>
    public static bool IsLive(Node node, GrammarWork work) => node.IsLive ?? Explore(node, work);

    // All nodes that can be reached are looked at, then those from which an end can be reached are found backwards.
    private static bool Explore(Node start, GrammarWork work)
    {
        Dictionary<Node, List<Node>> before = new() { [start] = [] };
        Stack<Node> open = new([start]);
        Stack<Node> live = [];
        while (open.TryPop(out Node? node))
        {
            work.Spend(200);
            if (node.IsNullable || node.IsLive == true)
            {
                live.Push(node);
            }

            if (node.IsLive is null)
            {
                foreach (Node next in Steps(node))
                {
                    if (!before.TryGetValue(next, out List<Node>? sources))
                    {
                        before.Add(next, sources = []);
                        open.Push(next);
                    }

                    work.Spend(10);
                    sources.Add(node);
                }
            }

            if (before.Count > MostNodes)
            {
                throw new GrammarTooComplexException(
                    $"Patterns, formats and lengths that hold together have more than {MostNodes:N0} states. "
                    + "Simplify them or lower the bounds.");
            }
        }

        HashSet<Node> found = [.. live];
        while (live.TryPop(out Node? node))
        {
            foreach (Node source in before[node])
            {
                if (found.Add(source))
                {
                    live.Push(source);
                }
            }
        }

        foreach (Node node in before.Keys)
        {
            node.IsLive = found.Contains(node);
        }

        return start.IsLive!.Value;
    }

    private static IEnumerable<Node> Steps(Node node)
    {
        for (ByteSet left = node.First & (node.Starts | ByteSet.Of(0)); !left.IsEmpty; left &= ~ByteSet.Of(left.First))
        {
            Node next = node.Step(left.First);
            if (!next.IsDead)
            {
                yield return next;
            }
        }
    }
}
