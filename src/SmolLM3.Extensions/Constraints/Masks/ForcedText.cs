using SmolLM3.Extensions.Constraints.Grammars;

namespace SmolLM3.Extensions.Constraints.Masks;

/// <summary>The bytes a grammar leaves no choice about.</summary>
/// <param name="Bytes">The bytes, perhaps none.</param>
/// <param name="Then">The state behind them.</param>
internal readonly record struct ForcedText(byte[] Bytes, Node Then)
{
    // A constant of a schema may be long; what follows is found when that much has come.
    private const int MostBytes = 4096;

    /// <summary>Looks ahead from a state.</summary>
    public static ForcedText From(Node state)
    {
        List<byte> bytes = [];
        while (!state.IsNullable && bytes.Count < MostBytes && state.First is { Count: 1 } only)
        {
            Node next = state.Step(only.First);
            if (next.IsDead)
            {
                break;
            }

            bytes.Add(only.First);
            state = next;
        }

        return new([.. bytes], state);
    }
}
