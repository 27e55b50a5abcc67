using SmolLM3.Extensions.Chat;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Tests.Chat;

/// <summary>What the parser makes of an output.</summary>
internal sealed record ParsedOutput(ChatOutputParser Parser, List<OutputSegment> Segments)
{
    /// <summary>Parses a text in which tags are special tokens, and which a token limit ends.</summary>
    public static ParsedOutput Parse(string output, params string[] stops) =>
        Parse(Vocabularies.Tiny, Vocabularies.Tiny.Encode(output, SpecialTokens.All), stops);

    public static ParsedOutput Parse(Tokenizer tokenizer, IEnumerable<int> tokens, params string[] stops) =>
        Parse(tokenizer, tokens, readsCode: false, stops);

    public static ParsedOutput Parse(Tokenizer tokenizer, IEnumerable<int> tokens, bool readsCode, params string[] stops)
    {
        ChatOutputParser parser = new(tokenizer, stops, readsCode);
        List<OutputSegment> segments = [];
        foreach (int token in tokens)
        {
            parser.Append(token, segments);
        }

        parser.Finish(segments, isCut: true);
        return new ParsedOutput(parser, segments);
    }

    /// <summary>
    /// Parts with equal kinds joined: R(thought) T(text) name(arguments), name!(raw text) for a bad call and
    /// name!?(raw text) for one that was cut off; C(code).
    /// </summary>
    public string Show()
    {
        List<(OutputKind Kind, string Text)> parts = [];
        foreach (OutputSegment segment in Segments)
        {
            Assert.NotEmpty(segment.Text + segment.ToolCall + (segment.Kind == OutputKind.Code ? "code" : ""));
            if (segment.ToolCall is { } call)
            {
                parts.Add((segment.Kind, ShowCall(call)));
            }
            else if (parts is [.., var last] && last.Kind == segment.Kind)
            {
                parts[^1] = (last.Kind, last.Text + segment.Text);
            }
            else
            {
                parts.Add((segment.Kind, segment.Text));
            }
        }

        return string.Join(' ', parts.Select(part => part.Kind switch
        {
            OutputKind.Reasoning => $"R({part.Text})",
            OutputKind.Text => $"T({part.Text})",
            OutputKind.Code => $"C({part.Text})",
            _ => part.Text,
        }));
    }

    private static string ShowCall(OutputToolCall call) => call.Error is null
        ? $"{call.Name}({call.Arguments.GetRawText()})"
        : $"{call.Name}!{(call.IsCut ? "?" : "")}({call.RawText})";
}
