using SmolLM3.Extensions.Sampling;

namespace SmolLM3.Extensions.Chat;

/// <summary>Has the answer begin with a call, and not end before it; where the model thinks first, the thought comes
/// first.</summary>
/// <param name="vocabulary">Ids of the tags.</param>
/// <param name="endTokens">The tokens that end an answer.</param>
/// <param name="thinks">Whether the model thinks: it is then made to open its thought, so that there is an end to wait
/// for.</param>
/// <param name="beginnings">The tokens the answer begins with, for each tool that may be called.</param>
internal sealed class RequiredCall(
    ChatVocabulary vocabulary,
    IReadOnlyList<int> endTokens,
    bool thinks,
    IEnumerable<IReadOnlyList<int>> beginnings) : ITokenConstraint
{
    private readonly ForcedTokens _call = new(beginnings);
    private State _state = thinks ? State.BeforeThought : State.Answer;

    private enum State
    {
        BeforeThought,
        Thought,
        Answer,
        Called,
    }

    public bool TryForce(out int token)
    {
        token = vocabulary.ThoughtStart;
        return _state == State.BeforeThought || (_state == State.Answer && _call.TryForce(out token));
    }

    public void Mask(Span<float> logits)
    {
        if (_state == State.Called)
        {
            return;
        }

        foreach (int token in endTokens)
        {
            logits[token] = float.NegativeInfinity;
        }

        if (_state == State.Answer)
        {
            _call.Mask(logits);
        }
    }

    public void Accept(int token)
    {
        if (_state == State.Answer)
        {
            _state = _call.IsComplete && token == vocabulary.CallEnd ? State.Called : State.Answer;
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
