using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Constraints.Masks;

/// <summary>
/// The tokens that text is spelt with, by their bytes: a tree in flat arrays, parents before children, so that a walk
/// reads memory in order and leaves out a branch with one jump. Control and other added tokens are not in it: text never
/// spells them.
/// </summary>
internal sealed class TokenTrie
{
    /// <summary>The node of the empty text.</summary>
    public const int Root = 0;

    /// <summary>For a node that is no token's end.</summary>
    public const int NoToken = -1;

    private readonly byte[] _labels;
    private readonly int[] _ends;
    private readonly int[] _tokens;

    // Tokens with the same bytes as the one that stands in the tree.
    private readonly Dictionary<int, List<int>> _twins = [];

    /// <summary>Builds the tree of a vocabulary.</summary>
    public TokenTrie(Tokenizer tokenizer)
    {
        VocabularySize = tokenizer.VocabularySize;
        int[] ids = [.. Enumerable.Range(0, VocabularySize).Where(id => IsText(tokenizer, id))];
        Array.Sort(ids, (a, b) =>
        {
            int order = tokenizer.GetBytes(a).SequenceCompareTo(tokenizer.GetBytes(b));
            return order != 0 ? order : a - b;
        });
        List<byte> labels = [0];
        List<int> ends = [0], tokens = [NoToken];
        List<int> path = [Root];
        ReadOnlySpan<byte> before = [];
        foreach (int id in ids)
        {
            ReadOnlySpan<byte> bytes = tokenizer.GetBytes(id);
            int common = before.CommonPrefixLength(bytes);
            Close(path, common + 1, ends, labels.Count);
            for (int i = common; i < bytes.Length; i++)
            {
                path.Add(labels.Count);
                labels.Add(bytes[i]);
                ends.Add(0);
                tokens.Add(NoToken);
            }

            AddToken(tokens, path[^1], id);
            LongestToken = Math.Max(LongestToken, bytes.Length);
            before = bytes;
        }

        Close(path, 0, ends, labels.Count);
        (_labels, _ends, _tokens) = ([.. labels], [.. ends], [.. tokens]);
    }

    /// <summary>Number of token ids, those included that are not in the tree.</summary>
    public int VocabularySize { get; }

    /// <summary>Bytes of the longest token.</summary>
    public int LongestToken { get; }

    /// <summary>Number of nodes.</summary>
    public int Count => _labels.Length;

    /// <summary>The byte that leads to a node.</summary>
    public byte Label(int node) => _labels[node];

    /// <summary>The first node behind a node and all below it.</summary>
    public int End(int node) => _ends[node];

    /// <summary>The token that ends at a node, or <see cref="NoToken"/>.</summary>
    public int Token(int node) => _tokens[node];

    /// <summary>Adds a node's tokens to a set.</summary>
    public void AddTokens(int node, ulong[] set)
    {
        int token = _tokens[node];
        if (token == NoToken)
        {
            return;
        }

        set[token >> 6] |= 1UL << token;
        if (_twins.Count > 0 && _twins.TryGetValue(token, out List<int>? twins))
        {
            foreach (int twin in twins)
            {
                set[twin >> 6] |= 1UL << twin;
            }
        }
    }

    /// <summary>The node of a text, or -1.</summary>
    public int Find(ReadOnlySpan<byte> text)
    {
        int node = Root;
        foreach (byte value in text)
        {
            int child = node + 1, end = _ends[node];
            while (child < end && _labels[child] != value)
            {
                child = _ends[child];
            }

            if (child >= end)
            {
                return -1;
            }

            node = child;
        }

        return node;
    }

    private void AddToken(List<int> tokens, int node, int id)
    {
        if (tokens[node] == NoToken)
        {
            tokens[node] = id;
        }
        else if (_twins.TryGetValue(tokens[node], out List<int>? twins))
        {
            twins.Add(id);
        }
        else
        {
            _twins.Add(tokens[node], [id]);
        }
    }

    private static void Close(List<int> path, int keep, List<int> ends, int end)
    {
        for (int i = keep; i < path.Count; i++)
        {
            ends[path[i]] = end;
        }

        path.RemoveRange(keep, path.Count - keep);
    }

    private static bool IsText(Tokenizer tokenizer, int id) =>
        tokenizer.GetKind(id) is TokenKind.Normal or TokenKind.Byte && tokenizer.GetBytes(id).Length > 0;
}
