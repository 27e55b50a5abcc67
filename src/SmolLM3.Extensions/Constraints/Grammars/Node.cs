namespace SmolLM3.Extensions.Constraints.Grammars;

/// <summary>
/// A language of byte strings, and so a state of the automaton for it: what may come from here on. Stepping over a byte
/// gives the language of what may follow (its derivative, as Brzozowski defined it). Nodes are immutable to those who
/// use them and made once: two nodes of one <see cref="Grammar"/> with the same parts are the same object. Each keeps
/// the steps that were taken, so one thread at a time may use those of a grammar.
/// </summary>
/// <param name="grammar">Whose node it is.</param>
/// <param name="isNullable">Whether the text may end here.</param>
internal abstract class Node(Grammar grammar, bool isNullable)
{
    // Most nodes are stepped from over a byte or two. Of those that masks are made for, over all.
    private const int MostListed = 8;

    private (byte Value, Node Next)[] _listed = [];
    private int _listedCount;
    private Node?[]? _steps;

    /// <summary>Its place in the order in which the grammar's nodes were made.</summary>
    public int Id { get; init; }

    /// <summary>Whether the text may end here.</summary>
    public bool IsNullable => isNullable;

    /// <summary>Whether nothing may come, not even the end.</summary>
    public bool IsDead => ReferenceEquals(this, Grammar.Nothing);

    /// <summary>Whether the text ends here.</summary>
    public bool IsEnd => ReferenceEquals(this, Grammar.End);

    /// <summary>Bytes it may begin with; with intersections and complements perhaps some that it may not.</summary>
    public abstract ByteSet First { get; }

    /// <summary>Bytes between which all bytes are alike.</summary>
    public abstract ByteSet Starts { get; }

    /// <summary>Whether it holds an intersection or a complement, so that a step may lead to where no text ends.</summary>
    public virtual bool IsRestricted => false;

    /// <summary>Whether some text is in it; known for restricted nodes once it was asked for.</summary>
    public bool? IsLive { get; set; }

    /// <summary>The grammar it belongs to.</summary>
    public Grammar Grammar => grammar;

    /// <summary>What may follow a byte.</summary>
    public Node Step(byte value)
    {
        if (_steps is { } steps)
        {
            return steps[value] ??= Derive(value);
        }

        foreach ((byte known, Node then) in _listed.AsSpan(0, _listedCount))
        {
            if (known == value)
            {
                return then;
            }
        }

        Node next = Derive(value);
        Keep(value, next);
        return next;
    }

    private void Keep(byte value, Node next)
    {
        if (_listedCount == MostListed)
        {
            _steps = new Node?[256];
            foreach ((byte known, Node then) in _listed)
            {
                _steps[known] = then;
            }

            _steps[value] = next;
            _listed = [];
            return;
        }

        if (_listedCount == _listed.Length)
        {
            Array.Resize(ref _listed, Math.Max(1, _listedCount * 2));
        }

        _listed[_listedCount++] = (value, next);
    }

    /// <summary>Computes a step.</summary>
    protected abstract Node Derive(byte value);

    /// <summary>Writes a text that is equal for equal languages of equal form, in this grammar or another.</summary>
    public abstract void Write(NodeText text);

    /// <summary>That text.</summary>
    public sealed override string ToString() => new NodeText(int.MaxValue).Add(this).ToString();
}
