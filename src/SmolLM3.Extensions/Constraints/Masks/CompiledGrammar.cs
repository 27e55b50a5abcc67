using SmolLM3.Extensions.Constraints.Grammars;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Constraints.Masks;

/// <summary>A grammar over a vocabulary: which tokens may come in a state, and which are settled. Its states remember
/// what was found out about them, so one thread at a time may use it: the one that samples.</summary>
/// <param name="grammar">Whose nodes they are.</param>
/// <param name="start">Where a text begins.</param>
/// <param name="vocabulary">The vocabulary.</param>
internal sealed class CompiledGrammar(Grammar grammar, Node start, VocabularyMasks vocabulary)
{
    private const int NotSettled = -1;
    private const int MostSettled = 10_000;

    // Texts make states of their own: room for them beside those of the grammar itself.
    private const int RoomToWear = 300_000;
    private const int RoomOfOneText = 2_000_000;

    // Other requests wait while a token's mask is made.
    private const long MostWorkOfToken = GrammarWork.DefaultMost / 2;

    // Taken before the grammar is prepared for texts, which begins its work anew.
    private readonly long _work = grammar.Work.Spent;
    private readonly MaskBuilder _masks = new(grammar, vocabulary);
    private readonly Dictionary<Node, int> _settled = [];
    private readonly Tokenizer _tokenizer = vocabulary.Tokenizer;
    private readonly int _nodes = Prepare(grammar);

    /// <summary>Where a text begins.</summary>
    public Node Start => start;

    /// <summary>What compiling it took, which is about what it takes of memory.</summary>
    public long Work => _work;

    /// <summary>Whether so many states were met that it is better compiled anew for the next request.</summary>
    public bool IsWorn => grammar.Count > _nodes + RoomToWear;

    /// <summary>The state behind a token; dead where it may not come.</summary>
    /// <exception cref="GrammarTooComplexException">Its states are too many.</exception>
    public Node Step(Node state, int token)
    {
        if (_tokenizer.GetKind(token) is TokenKind.Control or TokenKind.UserDefined)
        {
            return grammar.Nothing;
        }

        grammar.Work.Allow(MostWorkOfToken);
        foreach (byte value in _tokenizer.GetBytes(token))
        {
            state = state.Step(value);
        }

        return state;
    }

    /// <summary>The tokens that may come in a state.</summary>
    /// <exception cref="GrammarTooComplexException">They are too hard to find.</exception>
    public TokenMask GetMask(Node state)
    {
        grammar.Work.Allow(MostWorkOfToken);
        return _masks.Get(state);
    }

    /// <summary>Whether the next token is settled. Where the grammar leaves one way only for some bytes, their tokens
    /// are those the tokenizer would spell them with: all of them if the text ends there, else all but the last, which
    /// may still merge with what comes. A merge that would reach further back is not made: the bytes are the same.
    /// </summary>
    public bool TryForce(Node state, out int token)
    {
        if (!_settled.TryGetValue(state, out token))
        {
            Settle(state);
            token = _settled[state];
        }

        return token != NotSettled;
    }

    private static int Prepare(Grammar grammar)
    {
        // The request it was compiled for may be over long before it is used last.
        grammar.Work = new(CancellationToken.None);
        grammar.MostNodes = grammar.Count + RoomOfOneText;
        return grammar.Count;
    }

    private void Settle(Node state)
    {
        if (_settled.Count >= MostSettled)
        {
            _settled.Clear();
        }

        grammar.Work.Allow(MostWorkOfToken);
        ForcedText forced = ForcedText.From(state);
        List<int> tokens = [];
        _tokenizer.Encode(forced.Bytes, SpecialTokens.None, tokens);
        int settled = forced.Then.IsEnd ? tokens.Count : tokens.Count - 1;
        for (int i = 0; i < settled; i++)
        {
            _settled[state] = tokens[i];
            state = Step(state, tokens[i]);
        }

        _settled[state] = NotSettled;
    }
}
