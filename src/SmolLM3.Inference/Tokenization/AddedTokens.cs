using System.Buffers;
using System.Text;

namespace SmolLM3.Inference.Tokenization;

/// <summary>
/// Finds control and user-defined tokens by their exact text: the leftmost, and of those that begin there the longest.
/// A trie entered only at bytes that begin some token, so that a look costs at most the longest token's length.
/// (llama.cpp takes tokens one after the other, longest first, over the whole text: the same unless they overlap.)
/// </summary>
internal sealed class AddedTokens
{
    private const int Nothing = -1;

    private readonly SearchValues<byte> _firstBytes;

    // (node << 8 | byte) -> node; node 0 is the root.
    private readonly Dictionary<int, int> _edges = [];

    // By node: the token that ends there.
    private readonly List<int> _ids = [Nothing];

    /// <summary>Indexes the vocabulary's added tokens; of two with the same text the later one is kept.</summary>
    public AddedTokens(Vocabulary vocabulary)
    {
        var firstBytes = new HashSet<byte>();
        for (int id = 0; id < vocabulary.Count; id++)
        {
            ReadOnlySpan<byte> text = vocabulary.GetBytes(id);
            if (vocabulary.IsAdded(id) && !text.IsEmpty)
            {
                firstBytes.Add(text[0]);
                Add(text, id);
            }
        }

        _firstBytes = SearchValues.Create([.. firstBytes]);
    }

    /// <summary>The token with exactly this text.</summary>
    public bool TryGet(ReadOnlySpan<byte> text, out int id)
    {
        id = Match(text, out int length);
        return id != Nothing && length == text.Length;
    }

    /// <summary>The token with exactly this text.</summary>
    public bool TryGet(string text, out int id) => TryGet(Encoding.UTF8.GetBytes(text), out id);

    /// <summary>The first token in a text.</summary>
    public bool TryFindFirst(ReadOnlySpan<byte> text, out int start, out int length, out int id)
    {
        for (start = 0; start < text.Length; start++)
        {
            int skip = text[start..].IndexOfAny(_firstBytes);
            if (skip < 0)
            {
                break;
            }

            start += skip;
            id = Match(text[start..], out length);
            if (id != Nothing)
            {
                return true;
            }
        }

        (length, id) = (0, Nothing);
        return false;
    }

    // The longest token the text begins with.
    private int Match(ReadOnlySpan<byte> text, out int length)
    {
        int id = Nothing, node = 0;
        length = 0;
        for (int i = 0; i < text.Length && _edges.TryGetValue(Edge(node, text[i]), out node); i++)
        {
            if (_ids[node] != Nothing)
            {
                (id, length) = (_ids[node], i + 1);
            }
        }

        return id;
    }

    private void Add(ReadOnlySpan<byte> text, int id)
    {
        int node = 0;
        foreach (byte value in text)
        {
            if (!_edges.TryGetValue(Edge(node, value), out int next))
            {
                next = _ids.Count;
                _ids.Add(Nothing);
                _edges.Add(Edge(node, value), next);
            }

            node = next;
        }

        _ids[node] = id;
    }

    private static int Edge(int node, byte value) => (node << 8) | value;
}
