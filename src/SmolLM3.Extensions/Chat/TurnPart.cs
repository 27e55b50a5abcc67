using System.Text.Json;
using Microsoft.Extensions.AI;

namespace SmolLM3.Extensions.Chat;

/// <summary>A stretch of an assistant turn: text, thought, code, or one call. What a caller may have edited is compared in
/// this form.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The text, the thought or the code; the tool's name for a call.</param>
/// <param name="Arguments">The arguments of a call, an object.</param>
internal readonly record struct TurnPart(TurnPartKind Kind, string Text, JsonElement Arguments = default)
{
    /// <summary>The stretches of a message; neighbours of one kind are one, and what a turn does not consist of is left
    /// out.</summary>
    public static List<TurnPart> From(IEnumerable<AIContent> contents)
    {
        List<TurnPart> parts = [];
        foreach (AIContent content in contents)
        {
            switch (content)
            {
                case TextContent text:
                    Append(parts, TurnPartKind.Text, text.Text);
                    break;
                case TextReasoningContent thought:
                    Append(parts, TurnPartKind.Thought, thought.Text);
                    break;
                case FunctionCallContent call:
                    parts.Add(new(TurnPartKind.Call, call.Name, ContentMapping.ToArguments(call)));
                    break;
                case CodeInterpreterToolCallContent code:
                    parts.Add(new(TurnPartKind.Code, ContentMapping.ToText(code)));
                    break;
            }
        }

        return parts;
    }

    /// <summary>Adds text, to the last stretch if that is of the same kind.</summary>
    public static void Append(List<TurnPart> parts, TurnPartKind kind, string text)
    {
        if (text.Length == 0)
        {
            return;
        }

        if (parts is [.., var last] && last.Kind == kind)
        {
            parts[^1] = last with { Text = last.Text + text };
        }
        else
        {
            parts.Add(new(kind, text));
        }
    }

    public bool Equals(TurnPart other) => Kind == other.Kind && Text == other.Text
        && (Kind != TurnPartKind.Call || JsonElement.DeepEquals(Arguments, other.Arguments));

    public override int GetHashCode() => HashCode.Combine(Kind, Text);
}
