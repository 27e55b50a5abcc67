using System.Text.Json;
using SmolLM3.Extensions.Constraints.Grammars;

namespace SmolLM3.Extensions.Constraints.Schemas;

/// <summary>Arrays. An item at a place must follow what each schema says of that place.</summary>
internal sealed class ArrayLanguage(Grammar grammar, JsonLanguage json, SchemaCompiler compiler, SchemaReport report)
{
    private const int MostPlaces = 1_000;

    /// <summary>The arrays that follow the schemas.</summary>
    public Node Compile(Conjunction schemas)
    {
        int least = SchemaNumbers.Bound(schemas, "minItems", report)?.Least ?? 0;
        int most = SchemaNumbers.Bound(schemas, "maxItems", report)?.Most ?? RepeatNode.Unlimited;
        (List<Subschema> wanted, int count) = Contained(schemas);
        least = Math.Max(least, count);
        ReportUnique(schemas, most);

        // What an array must contain comes first. So each place up to there has a language of its own.
        int places = Math.Max(count, schemas.Members.Max(ItemSchemas.Prefix));
        if (places > MostPlaces)
        {
            report.CannotEnforce(schemas.Members[0], "prefixItems", $"more than {MostPlaces} places are too many.");
            places = MostPlaces;
        }

        schemas.Work.Spend(10L * places * schemas.Members.Count);
        Node rest = compiler.Compile(At(schemas, places));
        int more = most == RepeatNode.Unlimited ? most : most - places;
        Node items = rest.IsDead || more <= 0
            ? least > places ? grammar.Nothing : grammar.End
            : places == 0
                ? json.List(rest, least, most)
                : grammar.Repeat(json.Next(rest), Math.Max(least - places, 0), more);
        for (int place = Math.Min(places, most) - 1; place >= 0; place--)
        {
            IEnumerable<Subschema> own = At(schemas, place).Concat(place < count ? wanted : []);
            Node item = compiler.Compile(own);
            Node here = grammar.Concatenate(place == 0 ? item : json.Next(item), place == most - 1 ? grammar.End : items);
            items = place < least ? here : grammar.Optional(here);
        }

        return json.Array(items);
    }

    // Every contains is fulfilled by the items at the beginning, all of them by the same ones.
    private (List<Subschema> Wanted, int Count) Contained(Conjunction schemas)
    {
        List<Subschema> wanted = [];
        int count = 0;
        foreach ((Subschema schema, JsonElement value) in schemas.All("contains"))
        {
            int own = 1;
            if (schema.TryGet("minContains", out JsonElement least) && !SchemaNumbers.TryGetCount(least, out own))
            {
                report.CannotEnforce(schema, "minContains", "it must be an integer of at least 0.");
                own = 1;
            }

            if (schema.TryGet("maxContains", out _))
            {
                report.CannotEnforce(schema, "maxContains", "whether other items follow 'contains' is not known.");
            }

            if (own > 0)
            {
                wanted.Add(schema.Below("contains", value));
                count = Math.Max(count, own);
            }
        }

        return (wanted, count);
    }

    private void ReportUnique(Conjunction schemas, int most)
    {
        foreach ((Subschema schema, JsonElement value) in schemas.All("uniqueItems"))
        {
            if (value.ValueKind == JsonValueKind.True && most > 1)
            {
                report.CannotEnforce(schema, "uniqueItems", "items that came are not compared.");
            }
        }
    }

    private static List<Subschema> At(Conjunction schemas, int place) =>
        [.. schemas.Members.Select(schema => ItemSchemas.At(schema, place)).OfType<Subschema>()];
}
