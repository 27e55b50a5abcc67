using SmolLM3.Extensions.Constraints.Grammars;

namespace SmolLM3.Extensions.Constraints.Masks;

/// <summary>
/// Turns states of one grammar into sets of tokens. The inside of strings and numbers, where most tokens fit, is worked
/// out once a form and shared; what is left of the tree to be walked for a state are the tokens that end such an atom
/// and go on behind it. One thread at a time.
/// </summary>
internal sealed class MaskBuilder(Grammar grammar, VocabularyMasks vocabulary)
{
    // Large masks have 16 KB, most have a few numbers.
    private const int MostMaskBytes = 4 << 20;
    private const int MostAtoms = 128;

    // Far above the forms that schemas share.
    private const int LongestForm = 16_384;

    private readonly TokenTrie _trie = vocabulary.Trie;
    private readonly Dictionary<Node, TokenMask> _masks = [];
    private readonly Dictionary<(AtomNode Atom, int From), AtomTokens> _atoms = [];
    private int _maskBytes;
    private readonly ulong[] _set = new ulong[(vocabulary.Trie.VocabularySize + 63) / 64];
    private readonly Node[] _states = new Node[vocabulary.Trie.LongestToken + 1];
    private readonly int[] _ends = new int[vocabulary.Trie.LongestToken + 1];

    /// <summary>The tokens that may come in a state. Where the grammar leaves one way only for some bytes, those that
    /// take it whole: shorter ones would spell the same text in an unusual way.</summary>
    public TokenMask Get(Node state)
    {
        if (!_masks.TryGetValue(state, out TokenMask? mask))
        {
            if (_maskBytes >= MostMaskBytes)
            {
                _masks.Clear();
                _maskBytes = 0;
            }

            _masks.Add(state, mask = Build(state));
            _maskBytes += mask.Bytes;
        }

        return mask;
    }

    private TokenMask Build(Node state)
    {
        Array.Clear(_set);
        ForcedText forced = ForcedText.From(state);
        int from = _trie.Find(forced.Bytes);
        if (forced.Bytes.Length > 0 && from > 0)
        {
            _trie.AddTokens(from, _set);
            Fill(forced.Then, from);
        }
        else
        {
            Fill(state, TokenTrie.Root);
        }

        return new TokenMask(_set);
    }

    /// <summary>Adds the tokens below a node of the tree that a state allows.</summary>
    private void Fill(Node state, int from)
    {
        switch (state)
        {
            case AlternativeNode alternative:
                FillAny(alternative.Options, from);
                break;
            case RuleNode rule:
                Fill(rule.Body, from);
                break;
            case AtomNode atom:
                Fill(atom, grammar.End, from);
                break;
            case ConcatenationNode { Head: AtomNode atom } chain:
                Fill(atom, chain.Tail, from);
                break;
            case ConcatenationNode { Head: RuleNode rule } chain:
                Fill(grammar.Concatenate(rule.Body, chain.Tail), from);
                break;
            case ConcatenationNode { Head: AlternativeNode alternative } chain:
                FillAny(alternative.Options.Select(option => grammar.Concatenate(option, chain.Tail)), from);
                break;
            default:
                Walk(state, from, exits: null);
                break;
        }
    }

    // All that begin with a text of their own, such as the names of properties, go through the tree together.
    private void FillAny(IEnumerable<Node> options, int from)
    {
        List<Node> texts = [];
        foreach (Node option in options)
        {
            if (option is LiteralNode or ConcatenationNode { Head: LiteralNode })
            {
                texts.Add(option);
            }
            else
            {
                Fill(option, from);
            }
        }

        if (texts.Count > 0)
        {
            Walk(grammar.Either(texts), from, exits: null);
        }
    }

    private void Fill(AtomNode atom, Node tail, int from)
    {
        AtomTokens tokens = GetAtom(atom, from);
        for (int i = 0; i < _set.Length; i++)
        {
            _set[i] |= tokens.Inside[i];
        }

        if (tail.IsEnd)
        {
            return;
        }

        foreach (int exit in tokens.Exits)
        {
            if (exit == from)
            {
                Fill(tail, from);
            }
            else
            {
                Walk(tail, exit, exits: null);
            }
        }
    }

    private AtomTokens GetAtom(AtomNode atom, int from)
    {
        if (!_atoms.TryGetValue((atom, from), out AtomTokens? tokens))
        {
            Node near = grammar.Atom(Near(atom.Content));
            NodeText form = new NodeText(LongestForm).Add($"{from} ").Add(near);
            tokens = form.IsFull
                ? FindTokens(near, from)
                : vocabulary.GetAtom(form.ToString(), () => FindTokens(near, from));
            if (_atoms.Count >= MostAtoms)
            {
                _atoms.Clear();
            }

            _atoms.Add((atom, from), tokens);
        }

        return tokens;
    }

    private AtomTokens FindTokens(Node atom, int from)
    {
        ulong[] before = [.. _set];
        Array.Clear(_set);
        List<int> exits = atom.IsNullable ? [from] : [];
        Walk(atom, from, exits);
        ulong[] inside = [.. _set];
        before.CopyTo(_set, 0);
        return new AtomTokens(inside, [.. exits]);
    }

    // Counts beyond the length of any token make no difference to the next one: as if there were no bound. So a string
    // of at most a thousand characters has the tokens of any string until its end is near. Nor do parts that so many
    // others stand before, each of a byte or more: any byte stands for them.
    private Node Near(Node content)
    {
        if (content is not ConcatenationNode)
        {
            return NearPart(content);
        }

        List<Node> parts = [];
        int bytes = 0;
        Node rest = content;
        for (; rest is ConcatenationNode chain && bytes <= _trie.LongestToken; rest = chain.Tail)
        {
            parts.Add(NearPart(chain.Head));
            bytes += chain.Head.IsNullable ? 0 : 1;
        }

        parts.Add(rest is ConcatenationNode ? grammar.Bytes(ByteSet.All) : NearPart(rest));
        return grammar.Concatenate([.. parts]);
    }

    private Node NearPart(Node part)
    {
        int far = _trie.LongestToken;
        return part switch
        {
            AlternativeNode alternative => grammar.Either(alternative.Options.Select(Near)),
            RepeatNode { IsRestricted: false } repeat => grammar.Repeat(
                repeat.Item,
                Math.Min(repeat.Least, far),
                repeat.Most > far ? RepeatNode.Unlimited : repeat.Most),
            _ => part,
        };
    }

    /// <summary>The same, step by step; a node at which an atom may end is put on a list.</summary>
    private void Walk(Node state, int from, List<int>? exits)
    {
        int depth = 0, last = _trie.End(from), steps = 0;
        (_states[0], _ends[0]) = (state, last);
        for (int node = from + 1; node < last;)
        {
            while (node >= _ends[depth])
            {
                depth--;
            }

            steps++;
            int end = _trie.End(node);
            Node next = _states[depth].Step(_trie.Label(node));
            if (next.IsDead)
            {
                node = end;
                continue;
            }

            _trie.AddTokens(node, _set);
            if (end > node + 1)
            {
                if (next.IsNullable)
                {
                    exits?.Add(node);
                }

                depth++;
                (_states[depth], _ends[depth]) = (next, end);
            }

            node++;
        }

        grammar.Work.Spend(1 + (steps / 8));
    }
}
