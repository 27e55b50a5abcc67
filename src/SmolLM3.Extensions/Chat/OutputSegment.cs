namespace SmolLM3.Extensions.Chat;

/// <summary>A piece of the model's output, as small as it came.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The piece; for a tool call and for code what stood between the tags.</param>
/// <param name="ToolCall">The call, for one.</param>
/// <param name="IsCut">Whether code was not ended by its tag.</param>
internal readonly record struct OutputSegment(
    OutputKind Kind, string Text, OutputToolCall? ToolCall = null, bool IsCut = false)
{
    public static OutputSegment Of(OutputToolCall call) => new(OutputKind.ToolCall, call.RawText, call);
}
