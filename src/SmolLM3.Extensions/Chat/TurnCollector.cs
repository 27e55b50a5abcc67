using System.Text;
using Microsoft.Extensions.AI;

namespace SmolLM3.Extensions.Chat;

/// <summary>Gathers the contents of one message into turns of the prompt: one for the message, and one for each tool
/// result in it.</summary>
/// <param name="prompt">Where the turns go.</param>
/// <param name="role">Who speaks.</param>
internal sealed class TurnCollector(List<PromptMessage> prompt, PromptRole role)
{
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _thought = new();
    private readonly List<PromptToolCall> _calls = [];
    private bool _isFilled;
    private bool _isSplit;

    /// <summary>What the model generated for this message, if it is unchanged.</summary>
    public GeneratedTurn? Generated { get; set; }

    /// <summary>The turns of one message.</summary>
    public static List<PromptMessage> Collect(IEnumerable<AIContent> contents, PromptRole role)
    {
        List<PromptMessage> turns = [];
        TurnCollector collector = new(turns, role);
        foreach (AIContent content in contents)
        {
            collector.Add(content);
        }

        collector.Finish();
        return turns;
    }

    /// <summary>Takes one content; kinds this model knows nothing of are left out.</summary>
    public void Add(AIContent content)
    {
        switch (content)
        {
            case TextContent text:
                _text.Append(text.Text);
                _isFilled = true;
                break;
            case TextReasoningContent thought:
                _thought.Append(thought.Text);
                break;
            case DataContent data:
                AddAttachment(ContentMapping.ToText(data));
                break;
            case UriContent uri:
                AddAttachment(ContentMapping.ToText(uri));
                break;
            case FunctionCallContent call:
                _calls.Add(ContentMapping.ToCall(call));
                _isFilled = true;
                break;
            case CodeInterpreterToolCallContent code:
                _calls.Add(PromptToolCall.OfCode(ContentMapping.ToText(code)));
                _isFilled = true;
                break;
            case ErrorContent error when role == PromptRole.Assistant && ContentMapping.FindCut(error) is { } cut:
                _calls.Add(cut);
                _isFilled = true;
                break;
            case FunctionResultContent result:
                AddResult(ResultMapping.ToText(result));
                break;
            case CodeInterpreterToolResultContent result:
                AddResult(ResultMapping.ToText(result));
                break;
        }
    }

    /// <summary>Ends the message. A user's turn stands even when it is empty.</summary>
    public void Finish()
    {
        _isFilled |= role == PromptRole.User && !_isSplit;
        Flush();
    }

    private void AddResult(string text)
    {
        Flush();
        prompt.Add(new(PromptRole.Tool, text));
        _isSplit = true;
    }

    // Attached text stands on lines of its own.
    private void AddAttachment(string text)
    {
        if (_text.Length > 0 && _text[^1] != '\n')
        {
            _text.Append('\n');
        }

        _text.Append(text).Append('\n');
        _isFilled = true;
    }

    private void Flush()
    {
        if (_isFilled || Generated is not null)
        {
            string? thought = Generated is not null ? Generated.Thought
                : _thought.Length > 0 ? _thought.ToString()
                : null;
            prompt.Add(new(role, _text.ToString())
            {
                ToolCalls = [.. _calls],
                Reasoning = thought,
                GeneratedTokens = Generated?.Tokens,
                GeneratedAfterEmptyThought = Generated?.AfterEmptyThought ?? false,
            });
        }

        _text.Clear();
        _thought.Clear();
        _calls.Clear();
        (_isFilled, Generated) = (false, null);
    }
}
