namespace SmolLM3.Extensions.Constraints.Schemas;

/// <summary>Types of values; a number is an integer or another one.</summary>
[Flags]
internal enum JsonType
{
    None = 0,
    Null = 1,
    Boolean = 2,
    Integer = 4,
    Fraction = 8,
    String = 16,
    Array = 32,
    Object = 64,
    Number = Integer | Fraction,
    All = 127,
}
