using SmolLM3.Extensions.Constraints.Grammars;

namespace SmolLM3.Extensions.Constraints.Masks;

/// <summary>A place in a text that follows a grammar.</summary>
/// <param name="grammar">The grammar; only the thread that samples moves cursors of it.</param>
internal sealed class GrammarCursor(CompiledGrammar grammar)
{
    /// <summary>The state.</summary>
    public Node State { get; private set; } = grammar.Start;

    /// <summary>Whether the text may end here.</summary>
    public bool CanEnd => State.IsNullable;

    /// <summary>Whether nothing but the end may follow.</summary>
    public bool IsAtEnd => State.IsEnd;

    /// <summary>Whether the next token is settled.</summary>
    public bool TryForce(out int token) => grammar.TryForce(State, out token);

    /// <summary>Rules out all tokens that may not come next.</summary>
    /// <param name="logits">Shape <c>[vocabulary]</c>.</param>
    /// <param name="more">Tokens that may, too.</param>
    public void Mask(Span<float> logits, ReadOnlySpan<int> more) => grammar.GetMask(State).Apply(logits, more);

    /// <summary>Moves on.</summary>
    /// <exception cref="InvalidOperationException">The grammar does not allow the token.</exception>
    public void Accept(int token)
    {
        Node next = grammar.Step(State, token);
        State = !next.IsDead ? next : throw new InvalidOperationException(
            $"Token {token} may not come here: another constraint forced it against the grammar.");
    }
}
