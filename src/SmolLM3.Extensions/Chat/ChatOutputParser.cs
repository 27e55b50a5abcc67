using System.Text;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Chat;

/// <summary>
/// Splits generated tokens into thoughts, answer text, tool calls and code, as they come. Only the ids of special tokens open
/// and close anything; the same characters spelt by ordinary tokens are text. Nothing is lost but blanks next to tags
/// (<see cref="TextPiece"/>), control tokens, and tags without a partner. Not thread-safe; one for each answer.
/// </summary>
/// <remarks>
/// A thought that is never closed is given out as it is. <c>&lt;think&gt;</c> within a thought and closing tags outside
/// are skipped; other tags within a thought, a call or code are its text. A call that is opened anew
/// ends the one before. Stop sequences are looked for in the answer text only.
/// </remarks>
internal sealed class ChatOutputParser : IOutputParser
{
    private readonly Tokenizer _tokenizer;
    private readonly TokenDecoder _decoder;
    private readonly OutputTags _tags;
    private readonly TextPiece _answer;
    private readonly TextPiece _thought = new();
    private readonly StringBuilder _call = new();
    private readonly StringBuilder _code = new();
    private OutputKind _state = OutputKind.Text;

    /// <summary>Begins an answer, whether or not the prompt ended with an empty thought.</summary>
    /// <param name="tokenizer">Whose tokens they are.</param>
    /// <param name="stopSequences">Texts that end the answer and are not given out; empty ones are ignored.</param>
    /// <param name="readsCode">Whether the model may write code to be run.</param>
    public ChatOutputParser(
        Tokenizer tokenizer, IEnumerable<string>? stopSequences = null, bool readsCode = false)
    {
        _tokenizer = tokenizer;
        _decoder = new TokenDecoder(tokenizer);
        _tags = new OutputTags(tokenizer, readsCode);
        _answer = new TextPiece(new StopMatcher(stopSequences ?? []));
        _answer.Begin(afterTag: false);
    }

    /// <inheritdoc/>
    public bool Stopped => _answer.Stopped;

    /// <inheritdoc/>
    public int ReasoningTokens { get; private set; }

    /// <inheritdoc/>
    public void Append(int token, List<OutputSegment> segments)
    {
        if (Stopped)
        {
            return;
        }

        OutputTag tag = _tags.Find(token);
        switch (_state)
        {
            case OutputKind.Reasoning:
                AppendToThought(token, tag, segments);
                break;
            case OutputKind.ToolCall:
                AppendToCall(token, tag, segments);
                break;
            case OutputKind.Code:
                AppendToCode(token, tag, segments);
                break;
            default:
                AppendToAnswer(token, tag, segments);
                break;
        }
    }

    /// <inheritdoc/>
    public void Finish(List<OutputSegment> segments, bool isCut)
    {
        if (Stopped)
        {
            return;
        }

        string rest = _decoder.Flush();
        switch (_state)
        {
            case OutputKind.Reasoning:
                Add(segments, OutputKind.Reasoning, _thought.Append(rest) + _thought.EndOfOutput());
                break;
            case OutputKind.ToolCall:
                _call.Append(rest);
                EndCall(segments, isCut ? ToolCallEnd.Limit : ToolCallEnd.Answer);
                break;
            case OutputKind.Code:
                _code.Append(rest);
                EndCode(segments, isCut: true);
                break;
            default:
                AddAnswer(segments, rest);
                if (!Stopped)
                {
                    Add(segments, OutputKind.Text, _answer.EndOfOutput());
                }

                break;
        }

        BeginAnswer();
    }

    private void AppendToAnswer(int token, OutputTag tag, List<OutputSegment> segments)
    {
        switch (tag)
        {
            case OutputTag.ThoughtStart or OutputTag.CallStart or OutputTag.CodeStart:
                AddAnswer(segments, _decoder.Flush());
                if (Stopped)
                {
                    return;
                }

                Add(segments, OutputKind.Text, _answer.EndAtTag());
                _state = tag == OutputTag.CallStart ? OutputKind.ToolCall
                    : tag == OutputTag.CodeStart ? OutputKind.Code
                    : OutputKind.Reasoning;
                _thought.Begin(afterTag: true);
                break;
            case OutputTag.ThoughtEnd or OutputTag.CallEnd or OutputTag.CodeEnd:
                _answer.SkipTag();
                break;
            default:
                AddAnswer(segments, Decode(token, tag));
                break;
        }
    }

    private void AppendToThought(int token, OutputTag tag, List<OutputSegment> segments)
    {
        switch (tag)
        {
            case OutputTag.ThoughtStart:
                break;
            case OutputTag.ThoughtEnd:
                Add(segments, OutputKind.Reasoning, _thought.Append(_decoder.Flush()) + _thought.EndAtTag());
                BeginAnswer();
                break;
            default:
                ReasoningTokens++;
                Add(segments, OutputKind.Reasoning, _thought.Append(Decode(token, tag)));
                break;
        }
    }

    private void AppendToCall(int token, OutputTag tag, List<OutputSegment> segments)
    {
        if (tag is OutputTag.CallStart or OutputTag.CallEnd)
        {
            _call.Append(_decoder.Flush());
            bool openedTwice = tag == OutputTag.CallStart && string.IsNullOrWhiteSpace(_call.ToString());
            if (!openedTwice)
            {
                EndCall(segments, ToolCallEnd.Tag);
            }

            if (tag == OutputTag.CallEnd)
            {
                BeginAnswer();
            }
        }
        else
        {
            _call.Append(Decode(token, tag));
        }
    }

    private void AppendToCode(int token, OutputTag tag, List<OutputSegment> segments)
    {
        if (tag == OutputTag.CodeEnd)
        {
            _code.Append(_decoder.Flush());
            EndCode(segments, isCut: false);
            BeginAnswer();
        }
        else
        {
            _code.Append(Decode(token, tag));
        }
    }

    private void EndCode(List<OutputSegment> segments, bool isCut)
    {
        segments.Add(new OutputSegment(OutputKind.Code, _code.ToString(), IsCut: isCut));
        _code.Clear();
    }

    private void EndCall(List<OutputSegment> segments, ToolCallEnd end)
    {
        segments.Add(OutputSegment.Of(ToolCallParser.Parse(_call.ToString(), end)));
        _call.Clear();
    }

    private void BeginAnswer()
    {
        _state = OutputKind.Text;
        _answer.Begin(afterTag: true);
    }

    private string Decode(int token, OutputTag tag) =>
        tag == OutputTag.None && _tokenizer.GetKind(token) == TokenKind.Control ? "" : _decoder.Append(token);

    private void AddAnswer(List<OutputSegment> segments, string text)
    {
        string given = _answer.Append(text);
        Add(segments, OutputKind.Text, Stopped ? given + _answer.EndOfOutput() : given);
    }

    private static void Add(List<OutputSegment> segments, OutputKind kind, string text)
    {
        if (text.Length > 0)
        {
            segments.Add(new OutputSegment(kind, text));
        }
    }
}
