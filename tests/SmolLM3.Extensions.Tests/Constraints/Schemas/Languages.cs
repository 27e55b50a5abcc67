using System.Text;
using System.Text.Json;
using SmolLM3.Extensions.Constraints.Grammars;
using SmolLM3.Extensions.Constraints.Schemas;

namespace SmolLM3.Extensions.Tests.Constraints.Schemas;

/// <summary>Compiles schemas and tries texts on them.</summary>
internal static class Languages
{
    public static Node Compile(string schema, SchemaMode mode = SchemaMode.Strict) =>
        Compile(JsonElement.Parse(schema), new SchemaReport(mode));

    public static Node Compile(JsonElement schema, SchemaReport report)
    {
        Grammar grammar = new();
        return SchemaCompiler.Compile(grammar, new JsonLanguage(grammar), schema, report);
    }

    public static bool Accepts(Node language, string text)
    {
        foreach (byte value in Encoding.UTF8.GetBytes(text))
        {
            language = language.Step(value);
        }

        return language.IsNullable;
    }

    /// <summary>A text of the language. Characters beyond the first plane are left out: the judge counts them
    /// twice.</summary>
    public static string Walk(Node language, Random random, int length = 400)
    {
        List<byte> text = [];
        while (!language.IsEnd)
        {
            if (language.IsNullable && (text.Count > length || random.Next(8) == 0))
            {
                break;
            }

            byte[] possible = [.. Enumerable.Range(0, 256).Select(value => (byte)value)
                .Where(value => value < 0xF0 && !language.Step(value).IsDead)];
            Assert.NotEmpty(possible);

            // Long texts are brought to an end: closing signs first.
            byte[] closing = text.Count > length ? [.. possible.Intersect("\"]}"u8.ToArray())] : [];
            byte next = closing.Length > 0 ? closing[random.Next(closing.Length)] : possible[random.Next(possible.Length)];
            text.Add(next);
            language = language.Step(next);
            Assert.True(text.Count < 100_000, "The walk does not end.");
        }

        return Encoding.UTF8.GetString([.. text]);
    }
}
