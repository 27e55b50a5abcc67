using System.Text;

namespace SmolLM3.Extensions.Constraints.Grammars;

/// <summary>Characters as they are, in UTF-8.</summary>
internal static class PlainCharacters
{
    /// <summary>One character of a set.</summary>
    public static Node Of(Grammar grammar, CharacterSet set) => grammar.Either(Ranges(grammar, set));

    private static IEnumerable<Node> Ranges(Grammar grammar, CharacterSet set)
    {
        foreach ((int first, int last) in set.Ranges)
        {
            foreach (int end in (int[])[0x7F, 0x7FF, 0xFFFF, 0x10FFFF])
            {
                int start = end switch { 0x7F => 0, 0x7FF => 0x80, 0xFFFF => 0x800, _ => 0x10000 };
                int from = Math.Max(first, start), to = Math.Min(last, end);
                if (from <= to)
                {
                    yield return Encoded(grammar, Bytes(from), Bytes(to));
                }
            }
        }
    }

    private static byte[] Bytes(int character) => Encoding.UTF8.GetBytes(char.ConvertFromUtf32(character));

    // All encodings between two of equal length. Those strictly between their first bytes have any bytes behind.
    private static Node Encoded(Grammar grammar, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        if (from.Length == 1)
        {
            return grammar.Bytes(ByteSet.Range(from[0], to[0]));
        }

        if (from[0] == to[0])
        {
            return grammar.Concatenate(grammar.Bytes(ByteSet.Of(from[0])), Encoded(grammar, from[1..], to[1..]));
        }

        byte[] least = [.. Enumerable.Repeat((byte)0x80, from.Length - 1)];
        byte[] most = [.. Enumerable.Repeat((byte)0xBF, from.Length - 1)];
        bool wholeFirst = from[1..].SequenceEqual(least), wholeLast = to[1..].SequenceEqual(most);
        int first = from[0] + (wholeFirst ? 0 : 1), last = to[0] - (wholeLast ? 0 : 1);
        List<Node> options = [];
        if (!wholeFirst)
        {
            options.Add(grammar.Concatenate(
                grammar.Bytes(ByteSet.Of(from[0])), Encoded(grammar, from[1..], most)));
        }

        if (first <= last)
        {
            options.Add(grammar.Concatenate(
                grammar.Bytes(ByteSet.Range((byte)first, (byte)last)), Encoded(grammar, least, most)));
        }

        if (!wholeLast)
        {
            options.Add(grammar.Concatenate(
                grammar.Bytes(ByteSet.Of(to[0])), Encoded(grammar, least, to[1..])));
        }

        return grammar.Either(options);
    }
}
