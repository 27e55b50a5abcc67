using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace SmolLM3.Extensions.Chat;

/// <summary>Turns pieces of output into contents, and remembers what the caller got.</summary>
/// <param name="hidesThoughts">Whether thoughts are kept from the caller.</param>
/// <param name="relaxed">Checks what was not enforced.</param>
internal sealed class ContentWriter(bool hidesThoughts, RelaxedCalls relaxed)
{
    /// <summary>Name under which a call with an error keeps what the model wrote.</summary>
    public const string RawTextKey = "raw_text";

    /// <summary>Name under which it keeps what is wrong: its exception is not stored with it.</summary>
    public const string ErrorKey = "error";

    /// <summary>Code of the error that a call is which the token limit cut.</summary>
    public const string IncompleteCall = "incomplete_tool_call";

    /// <summary>Code of the error that cut code is.</summary>
    public const string IncompleteCode = "incomplete_code";

    private readonly StringBuilder _thought = new();
    private readonly StringBuilder _stretch = new();
    private readonly List<TurnPart> _parts = [];
    private TurnPartKind _kind;

    /// <summary>Media type of code.</summary>
    public const string PythonMediaType = "text/x-python";

    /// <summary>Calls the caller got, code among them.</summary>
    public int Calls { get; private set; }

    /// <summary>Whether the caller got code.</summary>
    public bool HasCode { get; private set; }

    /// <summary>Whether the caller got a call or code that was cut.</summary>
    public bool IsCut { get; private set; }

    /// <summary>The thought, hidden or not; null when there was none.</summary>
    public string? Thought => _thought.Length > 0 ? _thought.ToString() : null;

    /// <summary>What the caller got, in stretches.</summary>
    public IReadOnlyList<TurnPart> EndParts()
    {
        EndStretch();
        return _parts;
    }

    /// <summary>Adds what a piece becomes.</summary>
    /// <param name="segment">The piece.</param>
    /// <param name="contents">Where to.</param>
    public void Add(OutputSegment segment, List<AIContent> contents)
    {
        switch (segment.Kind)
        {
            case OutputKind.Text:
                Remember(TurnPartKind.Text, segment.Text);
                contents.Add(new TextContent(segment.Text));
                break;
            case OutputKind.Reasoning:
                _thought.Append(segment.Text);
                if (!hidesThoughts)
                {
                    Remember(TurnPartKind.Thought, segment.Text);
                    contents.Add(new TextReasoningContent(segment.Text));
                }

                break;
            case OutputKind.Code:
                contents.Add(segment.IsCut
                    ? Incomplete(
                        IncompleteCode, "The answer ended within code. Allow more output tokens.", segment.Text)
                    : ToCode(segment.Text));
                break;
            default:
                contents.Add(ToContent(segment.ToolCall!));
                break;
        }
    }

    private void Remember(TurnPartKind kind, string text)
    {
        if (kind != _kind)
        {
            EndStretch();
            _kind = kind;
        }

        _stretch.Append(text);
    }

    private void EndStretch()
    {
        if (_stretch.Length > 0)
        {
            _parts.Add(new(_kind, _stretch.ToString()));
            _stretch.Clear();
        }
    }

    private AIContent ToContent(OutputToolCall call)
    {
        if (call.IsCut)
        {
            return Incomplete(IncompleteCall, call.Error!.Message, call.RawText);
        }

        Calls++;
        EndStretch();
        _parts.Add(new(TurnPartKind.Call, call.Name, call.Arguments));
        string callId = NewCallId();

        // What could not be read has no arguments; what violates a schema keeps them.
        Dictionary<string, object?>? arguments = call.Error is null ? ToDictionary(call.Arguments) : null;
        return (call.Error ?? relaxed.FindViolation(call)) is not { } error
            ? new FunctionCallContent(callId, call.Name, arguments)
            : new FunctionCallContent(callId, call.Name, arguments)
            {
                Exception = error,

                // Middleware looks at the name alone and would run the function, with no arguments or with wrong ones.
                // Without a name it finds none to run. Either way the model is told.
                InformationalOnly = call.Name.Length > 0,
                AdditionalProperties = new() { [RawTextKey] = call.RawText, [ErrorKey] = error.Message },
            };
    }

    private CodeInterpreterToolCallContent ToCode(string code)
    {
        (Calls, HasCode) = (Calls + 1, true);
        EndStretch();
        _parts.Add(new(TurnPartKind.Code, code));
        return new CodeInterpreterToolCallContent(NewCallId())
        {
            Inputs = [new DataContent(Encoding.UTF8.GetBytes(code), PythonMediaType)],
        };
    }

    private static string NewCallId() => "call_" + Guid.NewGuid().ToString("N");

    private ErrorContent Incomplete(string errorCode, string message, string rawText)
    {
        IsCut = true;
        return new ErrorContent(message) { ErrorCode = errorCode, Details = rawText };
    }

    private static Dictionary<string, object?> ToDictionary(JsonElement arguments)
    {
        Dictionary<string, object?> values = [];
        foreach (JsonProperty property in arguments.EnumerateObject())
        {
            // The last of doubled names wins, as everywhere in JSON.
            values[property.Name] = property.Value.ValueKind == JsonValueKind.Null ? null : property.Value;
        }

        return values;
    }
}
