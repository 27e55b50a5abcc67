using System.Text.Json;
using SmolLM3.Extensions.Tests.Constraints.Schemas;

namespace SmolLM3.Fuzz;

/// <summary>Schemas to try: the examples of the tests, what was made of them, and new ones.</summary>
internal sealed class SchemaSource
{
    private const int MostKept = 500;
    private const int LongestKept = 5_000;

    private readonly List<string> _kept = [.. Examples("keywords.json"), .. Examples("unsupported.json")];

    /// <summary>The next schema. It depends on the random numbers and on the schemas before.</summary>
    public string Next(Random random)
    {
        string schema = random.Next(10) switch
        {
            0 => new RandomSchema(random).Next(),
            < 5 => SchemaMutation.Of(_kept[random.Next(_kept.Count)], _kept[random.Next(_kept.Count)], random),
            < 8 => new HostileSchema(random).Small(),
            _ => new HostileSchema(random).Large(),
        };
        if (schema.Length > LongestKept)
        {
            return schema;
        }

        if (_kept.Count < MostKept)
        {
            _kept.Add(schema);
        }
        else
        {
            _kept[random.Next(MostKept)] = schema;
        }

        return schema;
    }

    private static IEnumerable<string> Examples(string file) =>
        JsonElement.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Examples", file)))
            .EnumerateArray().Select(row => row.GetProperty("schema").GetRawText());
}
