using System.Collections.Concurrent;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Constraints.Masks;

/// <summary>What all grammars over one vocabulary share: the tree of its tokens, and what was found out about atoms,
/// such as the inside of a string. Thread-safe.</summary>
internal sealed class VocabularyMasks(Tokenizer tokenizer)
{
    // Some 20 KB each. Real schemas share a few: strings, numbers, their own patterns.
    private const int MostAtoms = 512;

    private readonly ConcurrentDictionary<string, AtomTokens> _atoms = new(StringComparer.Ordinal);

    /// <summary>Whose tokens they are.</summary>
    public Tokenizer Tokenizer => tokenizer;

    /// <summary>The tree.</summary>
    public TokenTrie Trie { get; } = new(tokenizer);

    /// <summary>The tokens of an atom, found or made.</summary>
    public AtomTokens GetAtom(string form, Func<AtomTokens> make)
    {
        if (_atoms.Count >= MostAtoms)
        {
            _atoms.Clear();
        }

        return _atoms.GetOrAdd(form, _ => make());
    }
}
