using SmolLM3.Extensions.Constraints.Grammars;

namespace SmolLM3.Extensions.Constraints.Masks;

/// <summary>
/// Turns states of one grammar into sets of tokens. The inside of strings and numbers, where most tokens fit, is worked
/// out once a form and shared; what is left of the tree to be walked for a state are the tokens that end such an atom
/// and go on behind it. One thread at a time.
/// </summary>
internal sealed class MaskBuilder(Grammar grammar, VocabularyMasks vocabulary)
{
    // 16 KB each at most, and as much again for what atoms have in common.
    private const int MostMasks = 128;

    private readonly TokenTrie _trie = vocabulary.Trie;
    private readonly Dictionary<Node, TokenMask> _masks = [];
    private readonly Dictionary<Node, AtomTokens> _atoms = [];
    private readonly ulong[] _set = new ulong[(vocabulary.Trie.VocabularySize + 63) / 64];
    private readonly Node[] _states = new Node[vocabulary.Trie.LongestToken + 1];
    private readonly int[] _ends = new int[vocabulary.Trie.LongestToken + 1];

    /// <summary>The tokens that may come in a state. Where the grammar leaves one way only for some bytes, those that
    /// take it whole: shorter ones would spell the same text in an unusual way.</summary>
    public TokenMask Get(Node state)
    {
        if (!_masks.TryGetValue(state, out TokenMask? mask))
        {
            if (_masks.Count >= MostMasks)
            {
                _masks.Clear();
                _atoms.Clear();
            }

            _masks.Add(state, mask = Build(state));
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
            Walk(forced.Then, from, exits: null);
        }
        else
        {
            Fill(state);
        }

        return new TokenMask(_set);
    }

    private void Fill(Node state)
    {
        switch (state)
        {
            case AlternativeNode alternative:
                foreach (Node option in alternative.Options)
                {
                    Fill(option);
                }

                break;
            case RuleNode rule:
                Fill(rule.Body);
                break;
            case AtomNode atom:
                Fill(atom, grammar.End);
                break;
            case ConcatenationNode { Head: AtomNode atom } chain:
                Fill(atom, chain.Tail);
                break;
            case ConcatenationNode { Head: RuleNode rule } chain:
                Fill(grammar.Concatenate(rule.Body, chain.Tail));
                break;
            case ConcatenationNode { Head: AlternativeNode alternative } chain:
                foreach (Node option in alternative.Options)
                {
                    Fill(grammar.Concatenate(option, chain.Tail));
                }

                break;
            default:
                Walk(state, TokenTrie.Root, exits: null);
                break;
        }
    }

    private void Fill(AtomNode atom, Node tail)
    {
        AtomTokens tokens = GetAtom(atom);
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
            if (exit == TokenTrie.Root)
            {
                Fill(tail);
            }
            else
            {
                Walk(tail, exit, exits: null);
            }
        }
    }

    private AtomTokens GetAtom(AtomNode atom)
    {
        if (!_atoms.TryGetValue(atom, out AtomTokens? tokens))
        {
            Node near = grammar.Atom(Near(atom.Content));
            tokens = vocabulary.GetAtom(near.ToString(), () => FindTokens(near));
            _atoms.Add(atom, tokens);
        }

        return tokens;
    }

    private AtomTokens FindTokens(Node atom)
    {
        ulong[] before = [.. _set];
        Array.Clear(_set);
        List<int> exits = atom.IsNullable ? [TokenTrie.Root] : [];
        Walk(atom, TokenTrie.Root, exits);
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

    /// <summary>Adds the tokens below a node of the tree that a state allows.</summary>
    private void Walk(Node state, int from, List<int>? exits)
    {
        int depth = 0, last = _trie.End(from);
        (_states[0], _ends[0]) = (state, last);
        for (int node = from + 1; node < last;)
        {
            while (node >= _ends[depth])
            {
                depth--;
            }

            Node next = _states[depth].Step(_trie.Label(node));
            int end = _trie.End(node);
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
    }
}
