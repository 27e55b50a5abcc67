using SmolLM3.Extensions.Sampling;

namespace SmolLM3.Extensions.Chat;

/// <summary>Has the answer begin with a call; where the model thinks first, the thought comes first.</summary>
/// <param name="vocabulary">Ids of the thought's tokens.</param>
/// <param name="thinks">Whether the model thinks: it is then made to open its thought, so that there is an end to wait
/// for.</param>
/// <param name="beginning">The tokens the answer begins with.</param>
internal sealed class RequiredCall(ChatVocabulary vocabulary, bool thinks, IReadOnlyList<int> beginning)
    : ITokenConstraint
{
    private readonly ForcedTokens _call = new(beginning);
    private State _state = thinks ? State.BeforeThought : State.Answer;

    private enum State
    {
        BeforeThought,
        Thought,
        Answer,
    }

    public bool TryForce(out int token)
    {
        token = vocabulary.ThoughtStart;
        return _state == State.BeforeThought || (_state == State.Answer && _call.TryForce(out token));
    }

    public void Mask(Span<float> logits)
    {
    }

    public void Accept(int token)
    {
        if (_state == State.Answer)
        {
            _call.Accept(token);
        }
        else if (token == vocabulary.ThoughtStart)
        {
            _state = State.Thought;
        }
        else if (token == vocabulary.ThoughtEnd)
        {
            _state = State.Answer;
        }
    }
}
