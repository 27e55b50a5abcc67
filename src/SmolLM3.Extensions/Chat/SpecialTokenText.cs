namespace SmolLM3.Extensions.Chat;

/// <summary>Spelling of the special tokens the chat format uses; their ids are looked up in the vocabulary.</summary>
internal static class SpecialTokenText
{
    public const string TurnStart = "<|im_start|>";
    public const string TurnEnd = "<|im_end|>";
    public const string ThoughtStart = "<think>";
    public const string ThoughtEnd = "</think>";
    public const string CallStart = "<tool_call>";
    public const string CallEnd = "</tool_call>";
    public const string CodeStart = "<code>";
    public const string CodeEnd = "</code>";
}
