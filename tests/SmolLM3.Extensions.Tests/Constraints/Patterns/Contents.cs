using System.Text;
using System.Text.Json;
using SmolLM3.Extensions.Constraints.Grammars;

namespace SmolLM3.Extensions.Tests.Constraints.Patterns;

/// <summary>Walks over nodes that describe the contents of JSON strings.</summary>
internal static class Contents
{
    /// <summary>Whether a text is in a language.</summary>
    public static bool Accepts(this Node node, string text)
    {
        foreach (byte value in Encoding.UTF8.GetBytes(JsonCharacters.Quote(text)[1..^1]))
        {
            node = node.Step(value);
        }

        return node.IsNullable;
    }

    /// <summary>A text of a language: any byte that may follow, and now and then the end where it may be.</summary>
    public static string Member(this Node node, Random random)
    {
        List<byte> bytes = [(byte)'"'];
        while (!node.IsNullable || (!node.First.IsEmpty && random.Next(8) != 0))
        {
            byte[] possible = [.. Enumerable.Range(0, 256).Select(value => (byte)value).Where(node.First.Contains)];
            byte value = possible[random.Next(possible.Length)];
            node = node.Step(value);
            bytes.Add(value);
        }

        bytes.Add((byte)'"');
        return JsonSerializer.Deserialize<string>(bytes.ToArray())!;
    }
}
