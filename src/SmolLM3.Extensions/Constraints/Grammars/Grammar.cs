namespace SmolLM3.Extensions.Constraints.Grammars;

/// <summary>Makes the nodes of one grammar, each once, in the simplest form.</summary>
/// <remarks>One thread at a time. Nodes that were not made by this grammar must not be given to it.</remarks>
internal sealed class Grammar
{
    /// <summary>Enough for schemas of some thousand properties; a hostile one is stopped by it.</summary>
    public const int DefaultMostNodes = 300_000;

    private readonly Dictionary<object, Node> _nodes = [];
    private List<Node>? _members;
    private readonly Dictionary<string, byte[]> _texts = new(StringComparer.Ordinal);

    public Grammar()
    {
        Nothing = new EmptyNode(this, isNullable: false);
        End = new EmptyNode(this, isNullable: true) { Id = 1 };
    }

    /// <summary>No text at all.</summary>
    public Node Nothing { get; }

    /// <summary>The empty text.</summary>
    public Node End { get; }

    /// <summary>Most nodes it may have; beyond, making one throws <see cref="GrammarTooComplexException"/>.</summary>
    public int MostNodes { get; set; } = DefaultMostNodes;

    /// <summary>What it took so far, and may take.</summary>
    public GrammarWork Work { get; set; } = new(CancellationToken.None);

    /// <summary>Number of nodes so far.</summary>
    public int Count { get; private set; } = 2;

    /// <summary>One byte of a set.</summary>
    public Node Bytes(ByteSet set) => set.IsEmpty ? Nothing : Intern(set, () => new ByteNode(this, set) { Id = Count });

    /// <summary>One text, as UTF-8.</summary>
    public Node Literal(string text)
    {
        if (text.Length == 0)
        {
            return End;
        }

        if (!_texts.TryGetValue(text, out byte[]? bytes))
        {
            _texts.Add(text, bytes = System.Text.Encoding.UTF8.GetBytes(text));
        }

        return Literal(bytes, 0);
    }

    /// <summary>One language after another.</summary>
    public Node Concatenate(Node first, Node second)
    {
        // A loop, because a chain may be long: an object's properties follow each other.
        List<Node> heads = [];
        while (first is ConcatenationNode chain)
        {
            heads.Add(chain.Head);
            first = chain.Tail;
        }

        Node result = Join(first, second);
        for (int i = heads.Count - 1; i >= 0; i--)
        {
            result = Join(heads[i], result);
        }

        return result;
    }

    /// <summary>Several languages after each other.</summary>
    public Node Concatenate(params ReadOnlySpan<Node> parts)
    {
        Node chain = End;
        for (int i = parts.Length - 1; i >= 0; i--)
        {
            chain = Concatenate(parts[i], chain);
        }

        return chain;
    }

    /// <summary>One language or another.</summary>
    public Node Either(Node first, Node second) =>
        first.IsDead || ReferenceEquals(first, second) ? second
        : second.IsDead ? first
        : Either([first, second]);

    /// <summary>One of several languages.</summary>
    public Node Either(IEnumerable<Node> options)
    {
        // Options may be made while they are gone over, with alternatives of their own.
        List<Node> members = _members ?? [];
        _members = null;
        ByteSet bytes = default;
        foreach (Node option in options)
        {
            ReadOnlySpan<Node> added = option is AlternativeNode alternative
                ? alternative.Options
                : new ReadOnlySpan<Node>(in option);
            Work.Spend(added.Length);
            foreach (Node member in added)
            {
                if (member is ByteNode)
                {
                    bytes |= member.First;
                }
                else if (!member.IsDead)
                {
                    members.Add(member);
                }
            }
        }

        if (!bytes.IsEmpty)
        {
            members.Add(Bytes(bytes));
        }

        Node[] parts = Ordered(members);
        members.Clear();
        _members = members;
        return parts.Length switch
        {
            0 => Nothing,
            1 => parts[0],
            _ => Intern(
                new NodeList(parts), () => new AlternativeNode(this, parts) { Id = Count }),
        };
    }

    /// <summary>A language or the empty text.</summary>
    public Node Optional(Node node) => Either(node, End);

    /// <summary>A language several times over.</summary>
    /// <param name="item">The language.</param>
    /// <param name="least">Least number of times.</param>
    /// <param name="most">Most number of times.</param>
    public Node Repeat(Node item, int least, int most = RepeatNode.Unlimited)
    {
        least = item.IsNullable ? 0 : least;
        return most < least ? Nothing
            : most == 0 || item.IsEnd ? End
            : item.IsDead ? least == 0 ? End : Nothing
            : least == 1 && most == 1 ? item
            : Intern(("times", item, least, most), () => new RepeatNode(this, item, least, most) { Id = Count });
    }

    /// <summary>What is in both languages. Only within an <see cref="Atom"/>.</summary>
    public Node Both(Node first, Node second)
    {
        if (first.IsDead || second.IsDead)
        {
            return Nothing;
        }

        (Node a, Node b) = first.Id <= second.Id ? (first, second) : (second, first);
        return ReferenceEquals(a, b) || b is ComplementNode { Excluded.IsDead: true } ? a
            : a is ComplementNode { Excluded.IsDead: true } ? b
            : a.IsEnd || b.IsEnd ? a.IsNullable && b.IsNullable ? End : Nothing
            : Intern(("and", a, b), () => new IntersectionNode(this, a, b) { Id = Count });
    }

    /// <summary>All byte strings but those of a language. Only within an <see cref="Atom"/>, and there within
    /// <see cref="Both"/>.</summary>
    public Node Not(Node excluded) =>
        Intern(("not", excluded), () => new ComplementNode(this, excluded) { Id = Count });

    /// <summary>A regular language, free of rules, as one thing.</summary>
    /// <exception cref="GrammarTooComplexException">It has too many states to tell where it can be ended.</exception>
    public Node Atom(Node content) =>
        content.IsDead || content.IsEnd ? content
        : content.IsRestricted && !Liveness.IsLive(content, Work) ? Nothing
        : Intern(("atom", content), () => new AtomNode(this, content) { Id = Count });

    /// <summary>A new name for a language that is written later.</summary>
    public RuleNode Rule()
    {
        RuleNode rule = new(this) { Id = Count };
        Count++;
        return rule;
    }

    /// <summary>What is left of a text.</summary>
    internal Node Literal(byte[] text, int offset) =>
        Intern(("text", text, offset), () => new LiteralNode(this, text, offset) { Id = Count });

    // By place, each once. Mostly they are so already: long alternatives grow at their end.
    private static Node[] Ordered(List<Node> nodes)
    {
        bool isOrdered = true;
        for (int i = 1; i < nodes.Count && isOrdered; i++)
        {
            isOrdered = nodes[i - 1].Id < nodes[i].Id;
        }

        if (isOrdered)
        {
            return [.. nodes];
        }

        nodes.Sort((a, b) => a.Id.CompareTo(b.Id));
        return [.. nodes.Where((node, i) => i == 0 || !ReferenceEquals(node, nodes[i - 1]))];
    }

    private Node Join(Node head, Node tail) =>
        head.IsDead || tail.IsDead ? Nothing
        : head.IsEnd ? tail
        : tail.IsEnd ? head
        : Intern(("then", head, tail), () => new ConcatenationNode(this, head, tail) { Id = Count });

    /// <summary>The node of a key, made when it is asked for first.</summary>
    /// <param name="key">What sets the node apart from all others of the grammar.</param>
    /// <param name="make">Makes the node, with <see cref="Count"/> as its place.</param>
    internal Node Intern(object key, Func<Node> make)
    {
        Work.Spend(10);
        if (!_nodes.TryGetValue(key, out Node? node))
        {
            if (Count >= MostNodes)
            {
                throw new GrammarTooComplexException(
                    $"The grammar needs more than {MostNodes:N0} states. Simplify its patterns or bounds.");
            }

            _nodes.Add(key, node = make());
            Count++;
        }

        return node;
    }

    private sealed class NodeList(Node[] nodes) : IEquatable<NodeList>
    {
        private readonly Node[] _nodes = nodes;

        public bool Equals(NodeList? other) => other is not null && _nodes.AsSpan().SequenceEqual(other._nodes);

        public override bool Equals(object? obj) => Equals(obj as NodeList);

        public override int GetHashCode()
        {
            HashCode hash = default;
            foreach (Node node in _nodes)
            {
                hash.Add(node.Id);
            }

            return hash.ToHashCode();
        }
    }
}
