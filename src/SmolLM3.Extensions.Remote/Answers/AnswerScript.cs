using SmolLM3.Extensions.Chat;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Remote.Answers;

/// <summary>
/// The way of one answer that keeps its rules, in steps a server can be asked for: a thought within its budget, then text
/// of a form, calls of the tools' schemas, code. The same rules as those of the constraints that engines in this process
/// ask token by token; knows token ids only.
/// </summary>
/// <param name="rules">The rules.</param>
/// <param name="endTokens">The tokens that end an answer.</param>
/// <param name="tokenizer">The client's.</param>
/// <param name="enforces">Whether the server holds calls to schemas; where not, they are free, and checked later.</param>
/// <remarks>A call is tried freely first, as the model learnt to write it: held to a schema from its first token, it may
/// not end as it would, amid a token that has a bracket and a line's end. Only one that breaks its schema is asked for anew,
/// held to it. Calls reach the caller whole, so nobody sees the try.</remarks>
internal sealed class AnswerScript(
    ServerRules rules, IReadOnlyList<int> endTokens, Tokenizer tokenizer, bool enforces)
{
    private readonly CharacterEnd _character = new(tokenizer);
    private readonly bool _calls = rules.Tools.Count > 0;
    private readonly bool _hasForm = rules.Form is not null || rules.MustCall;
    private Phase _phase = rules.Form is null && !rules.MustCall ? Phase.Free
        : rules.Thinks ? Phase.Opening
        : Phase.Start;

    private readonly List<int> _trial = [];
    private AnswerForm? _callForm;
    private int _thoughtTokens;
    private bool _isThinking;
    private bool _isSpent;
    private bool _hasCalled;

    private enum Phase
    {
        /// <summary>Text, thoughts and calls as the model likes.</summary>
        Free,

        /// <summary>Before the thought that comes before an answer of a certain form.</summary>
        Opening,
        Thought,

        /// <summary>The thought is too long.</summary>
        Closing,

        /// <summary>The end of the thought's line.</summary>
        Line,

        /// <summary>The answer of a certain form begins.</summary>
        Start,
        Text,

        /// <summary>It begins with a call.</summary>
        MustCall,

        /// <summary>A call as the model likes.</summary>
        Trial,

        /// <summary>After the tag that opens a call, which was tried in vain.</summary>
        CallOpened,
        Call,
        CallClosing,

        /// <summary>After a call that stands for the text that is asked for.</summary>
        AfterCall,
        Code,
        End,
    }

    private ChatVocabulary Tags => rules.Vocabulary!;

    /// <summary>How it goes on from here.</summary>
    public Step Next()
    {
        switch (_phase)
        {
            case Phase.Opening:
                (_phase, _isThinking) = (Phase.Thought, true);
                return Step.Force(Tags.ThoughtStart);
            case Phase.Thought:
                return Ask(endTokens);
            case Phase.Closing:
                (_phase, _isThinking, _isSpent) = (_hasForm ? Phase.Start : Phase.Free, false, true);
                return Step.Force(rules.Closing);
            case Phase.Line:
                _phase = Phase.Start;
                return Step.Force(rules.NewLine);
            case Phase.MustCall:
            case Phase.Start when rules.MustCall && !(_calls && rules.MayCode):
                return Begin(_calls ? Tags.CallStart : Tags.CodeStart!.Value);
            case Phase.Start when rules.MustCall || _calls || rules.MayCode:
            case Phase.AfterCall:
                return Ask([]) with { IsProbe = true };
            case Phase.Start or Phase.Text:
                _phase = Phase.Text;
                return Ask([]) with { Form = rules.Form };
            case Phase.CallOpened:
                _phase = Phase.Call;
                return Step.Force(rules.NewLine);
            case Phase.Call:
                return Ask([]) with { Form = _callForm ??= CallForm.Of(rules.Tools) };
            case Phase.CallClosing:
                EndCall();
                return Step.Force([.. rules.NewLine, Tags.CallEnd]);
            case Phase.Code:
                return Ask([.. endTokens, Tags.ThoughtStart, Tags.ThoughtEnd]);
            case Phase.End:
                return Step.Force(Tags.TurnEnd) with { IsEnd = true };
            default:
                return Ask(_hasCalled && rules.MayCode ? [Tags.CodeStart!.Value] : []);
        }
    }

    /// <summary>Takes note of a token the server was asked for.</summary>
    public Verdict Accept(int token)
    {
        switch (_phase)
        {
            case Phase.Thought when token == Tags.ThoughtEnd:
                (_phase, _isThinking) = (Phase.Line, false);
                return Verdict.Leave;
            case Phase.Thought:
                return Count(token);
            case Phase.Start or Phase.AfterCall:
                return Choose(token);
            case Phase.Free:
                return AcceptFree(token);
            case Phase.Trial:
                return Try(token);
            case Phase.Code when token == Tags.CodeEnd:
                _phase = Phase.End;
                return Verdict.Leave;
            default:
                return Verdict.GoOn;
        }
    }

    /// <summary>The server says that its answer is complete.</summary>
    /// <returns>Whether all of it is; otherwise there is a next step.</returns>
    public bool End()
    {
        (_phase, bool isOver) = _phase switch
        {
            Phase.Call => (Phase.CallClosing, false),
            Phase.Trial => (Phase.CallOpened, false),
            Phase.Thought => (Phase.Closing, false),
            Phase.Start => (rules.MustCall ? Phase.MustCall : Phase.Text, false),
            _ => (_phase, true),
        };
        return isOver;
    }

    private Verdict AcceptFree(int token)
    {
        if (rules.Vocabulary is null)
        {
            return Verdict.GoOn;
        }

        if (_isThinking)
        {
            _isThinking = token != Tags.ThoughtEnd;
            return _isThinking ? Count(token) : Verdict.GoOn;
        }

        _isThinking = rules.Thinks && token == Tags.ThoughtStart;
        return Follow(token) && _phase == Phase.Code ? Verdict.Leave : Verdict.GoOn;
    }

    private Verdict Try(int token)
    {
        if (token != Tags.CallEnd)
        {
            _trial.Add(token);
            return Verdict.Hold;
        }

        if (!CallForm.IsKept(rules.Tools, tokenizer.Decode([.. _trial])))
        {
            _phase = Phase.CallOpened;
            return Verdict.Drop;
        }

        EndCall();
        return _phase == Phase.Free && !rules.MayCode ? Verdict.GoOn : Verdict.Leave;
    }

    private void EndCall() => (_phase, _hasCalled) =
        (rules.SingleCall ? Phase.End : rules.Form is null ? Phase.Free : Phase.AfterCall, true);

    private Verdict Count(int token)
    {
        _thoughtTokens++;
        if (!_character.Follow(token) || _thoughtTokens < rules.ThinkingTokens)
        {
            return Verdict.GoOn;
        }

        _phase = Phase.Closing;
        return Verdict.Leave;
    }

    // A token that shows which way the model goes. Where it goes none of those that are allowed, it goes the last one.
    private Verdict Choose(int token)
    {
        if (Follow(token))
        {
            return Verdict.Leave;
        }

        _phase = _phase == Phase.AfterCall ? Phase.End : rules.MustCall ? Phase.MustCall : Phase.Text;
        return Verdict.Drop;
    }

    // Whether a token opens a call or code.
    private bool Follow(int token)
    {
        Phase? opened = token == Tags.CallStart && _calls && enforces ? Phase.Trial
            : token == Tags.CodeStart && rules.MayCode && _phase != Phase.AfterCall ? Phase.Code
            : null;
        _phase = opened ?? _phase;
        _trial.Clear();
        return opened is not null;
    }

    private Step Begin(int token)
    {
        _phase = token != Tags.CallStart ? Phase.Code : enforces ? Phase.Trial : Phase.Free;
        return Step.Force(token);
    }

    private Step Ask(IReadOnlyList<int> more) => new()
    {
        Banned = [.. rules.Banned, .. more, .. _isSpent ? [Tags.ThoughtStart] : (int[])[]],
    };
}
