using SmolLM3.Extensions.Constraints.Masks;
using SmolLM3.Extensions.Sampling;

namespace SmolLM3.Extensions.Chat;

/// <summary>
/// Holds an answer to its form: calls to the declared tools, the text to its schema, code to its end. A thought comes
/// first and is free; where the form of the answer matters, the model is made to open it, so that there is an end to wait for.
/// </summary>
/// <param name="vocabulary">Ids of the tags.</param>
/// <param name="endTokens">The tokens that end an answer.</param>
/// <param name="rules">The form.</param>
internal sealed class AnswerConstraint(
    ChatVocabulary vocabulary, IReadOnlyList<int> endTokens, AnswerRules rules) : ITokenConstraint
{
    // Calls may be followed by calls, not by code: function invocation runs the calls and asks again, and what the code
    // gives would be missing.
    private readonly int[] _starts =
    [
        .. rules.Calls is not null ? [vocabulary.CallStart] : (int[])[],
        .. rules.MayCode ? [vocabulary.CodeStart!.Value] : (int[])[],
    ];

    // Within code the tags of thoughts would count for the thinking budget. As letters they can still be written.
    private readonly int[] _notInCode = [.. endTokens, vocabulary.ThoughtStart, vocabulary.ThoughtEnd];
    private readonly int[] _turnEnd = [vocabulary.TurnEnd];
    private readonly int[] _afterCall = rules.SingleCall
        ? [vocabulary.TurnEnd]
        : [vocabulary.TurnEnd, vocabulary.CallStart];

    private GrammarCursor? _cursor;
    private Phase _phase = FirstPhase(rules);
    private int _lineTokens;
    private bool _hasCalled;

    private enum Phase
    {
        /// <summary>Text, thoughts and calls as the model likes.</summary>
        Free,

        /// <summary>A thought amid free text.</summary>
        FreeThought,

        /// <summary>Before the thought that comes before an answer of a certain form.</summary>
        BeforeThought,
        Thought,

        /// <summary>The end of the thought's line.</summary>
        Line,

        /// <summary>The answer begins.</summary>
        Start,
        Text,
        Call,
        Code,

        /// <summary>After code, which ends the answer.</summary>
        End,

        /// <summary>After a call that stands for the text that is asked for.</summary>
        AfterCall,
    }

    /// <inheritdoc/>
    public bool TryForce(out int token)
    {
        (bool forced, token) = _phase switch
        {
            Phase.BeforeThought => (true, vocabulary.ThoughtStart),
            Phase.Line => (true, rules.NewLine[_lineTokens]),
            Phase.Start when rules.MustCall && _starts.Length == 1 => (true, _starts[0]),
            Phase.Start when _starts.Length == 0 && !Cursor.IsAtEnd => (Cursor.TryForce(out int first), first),
            Phase.Call when Cursor.IsAtEnd => (true, vocabulary.CallEnd),
            Phase.Start when _starts.Length == 0 && Cursor.IsAtEnd => (true, vocabulary.TurnEnd),
            Phase.Text when Cursor.IsAtEnd => (true, vocabulary.TurnEnd),
            Phase.End => (true, vocabulary.TurnEnd),
            Phase.Call or Phase.Text => (Cursor.TryForce(out int next), next),
            _ => (false, -1),
        };
        return forced;
    }

    /// <inheritdoc/>
    public void Mask(Span<float> logits)
    {
        switch (_phase)
        {
            case Phase.Thought:
                Ban(logits, endTokens);
                break;
            case Phase.Code:
                Ban(logits, _notInCode);
                break;
            case Phase.Free when _hasCalled && rules.MayCode:
                logits[vocabulary.CodeStart!.Value] = float.NegativeInfinity;
                break;
            case Phase.Start when rules.MustCall:
                TokenMask.None.Apply(logits, _starts);
                break;
            case Phase.Start:
                Cursor.Mask(logits, Cursor.CanEnd ? [.. _starts, vocabulary.TurnEnd] : _starts);
                break;
            case Phase.Text:
                Cursor.Mask(logits, Cursor.CanEnd ? _turnEnd : []);
                break;
            case Phase.Call:
                Cursor.Mask(logits, []);
                break;
            case Phase.AfterCall:
                TokenMask.None.Apply(logits, _afterCall);
                break;
        }
    }

    /// <inheritdoc/>
    public void Accept(int token)
    {
        switch (_phase)
        {
            case Phase.BeforeThought or Phase.Thought:
                _phase = token == vocabulary.ThoughtEnd
                    ? rules.NewLine.Count > 0 ? Phase.Line : Phase.Start
                    : Phase.Thought;
                break;
            case Phase.Line:
                _phase = ++_lineTokens == rules.NewLine.Count ? Phase.Start : Phase.Line;
                break;
            case Phase.Call when token == vocabulary.CallEnd && Cursor.IsAtEnd:
                (_phase, _hasCalled) = (rules.Text is null ? Phase.Free : Phase.AfterCall, true);
                break;
            case Phase.Code when token == vocabulary.CodeEnd:
                _phase = Phase.End;
                break;
            case Phase.Start or Phase.Free or Phase.AfterCall when token == vocabulary.CallStart && rules.Calls is not null:
                (_phase, _cursor) = (Phase.Call, new GrammarCursor(rules.Calls));
                break;
            case Phase.Start or Phase.Free when token == vocabulary.CodeStart && rules.MayCode:
                _phase = Phase.Code;
                break;
            case Phase.Start or Phase.Text or Phase.Call:
                AcceptInGrammar(token);
                break;
            case Phase.Free when token == vocabulary.ThoughtStart:
                _phase = Phase.FreeThought;
                break;
            case Phase.FreeThought when token == vocabulary.ThoughtEnd:
                _phase = Phase.Free;
                break;
        }
    }

    private GrammarCursor Cursor => _cursor ??= new GrammarCursor(rules.Text!);

    private static Phase FirstPhase(AnswerRules rules) =>
        !rules.MustCall && rules.Text is null ? Phase.Free
        : rules.Thinks ? Phase.BeforeThought
        : Phase.Start;

    private static void Ban(Span<float> logits, IReadOnlyList<int> tokens)
    {
        foreach (int token in tokens)
        {
            logits[token] = float.NegativeInfinity;
        }
    }

    private void AcceptInGrammar(int token)
    {
        // The token that ends the answer is none of the text.
        if (!endTokens.Contains(token))
        {
            Cursor.Accept(token);
            _phase = _phase == Phase.Start ? Phase.Text : _phase;
        }
    }
}
