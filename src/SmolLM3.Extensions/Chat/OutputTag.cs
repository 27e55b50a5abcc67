namespace SmolLM3.Extensions.Chat;

/// <summary>What a generated token opens or closes.</summary>
internal enum OutputTag
{
    None,
    ThoughtStart,
    ThoughtEnd,
    CallStart,
    CallEnd,
    CodeStart,
    CodeEnd,
}
