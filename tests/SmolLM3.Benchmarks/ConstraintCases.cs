namespace SmolLM3.Benchmarks;

/// <summary>Schemas as applications have them, each with an answer that follows it.</summary>
internal static class ConstraintCases
{
    public static IEnumerable<(string Name, string Schema, string Text)> All => s_cases.Select(
        // Lines end where the layout has a blank.
        c => (c.Name, c.Schema, c.Text.ReplaceLineEndings(" ")));

    private static readonly (string Name, string Schema, string Text)[] s_cases =
    [
        ("weather",
            """
            {"type":"object","properties":{"city":{"type":"string","description":"The city"},
            "unit":{"enum":["celsius","fahrenheit"]},"days":{"type":"integer","minimum":1,"maximum":14}},
            "required":["city","unit"],"additionalProperties":false}
            """,
            """{"city": "Reykjavik", "unit": "celsius", "days": 7}"""),
        ("person",
            """
            {"type":"object","properties":{"name":{"type":"string","maxLength":80},
            "born":{"type":"string","format":"date"},"email":{"type":["string","null"],"format":"email"},
            "height":{"type":"number","minimum":0.3,"maximum":2.8},
            "tags":{"type":"array","items":{"type":"string","pattern":"^[a-z][a-z0-9-]{1,30}$"},"maxItems":8}},
            "required":["name","born","email","height","tags"]}
            """,
            """
            {"name": "Ada Lovelace", "born": "1815-12-10", "email": "ada@example.org", "height": 1.65,
            "tags": ["mathematics", "first-programmer"]}
            """),
        ("order",
            """
            {"type":"object","properties":{"id":{"type":"string","format":"uuid"},"customer":{"$ref":"#/$defs/party"},
            "lines":{"type":"array","minItems":1,"items":{"type":"object","properties":{
            "sku":{"type":"string","pattern":"^[A-Z]{3}-\\d{4}$"},
            "text":{"type":"string"},"quantity":{"type":"integer","minimum":1},"price":{"type":"number","minimum":0}},
            "required":["sku","text","quantity","price"]}},"note":{"type":"string","maxLength":500},
            "ship":{"anyOf":[{"$ref":"#/$defs/party"},{"type":"null"}]}},"required":["id","customer","lines","ship"],
            "$defs":{"party":{"type":"object","properties":{"name":{"type":"string"},"street":{"type":"string"},
            "city":{"type":"string"},"country":{"type":"string","minLength":2,"maxLength":2}},
            "required":["name","city","country"]}}}
            """,
            """
            {"id": "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "customer": {"name": "Müller & Söhne",
            "street": "Hauptstraße 5", "city": "Köln", "country": "DE"}, "lines": [{"sku": "ABC-1234",
            "text": "Garden chair, green", "quantity": 4, "price": 59.9}, {"sku": "TBL-0007", "text": "Table",
            "quantity": 1, "price": 210}], "note": "Please deliver in the morning; the bell is quiet.",
            "ship": null}
            """),
        ("tree",
            """
            {"type":"object","properties":{"title":{"type":"string"},"done":{"type":"boolean"},
            "parts":{"type":"array","items":{"$ref":"#"}}},"required":["title","done"]}
            """,
            """
            {"title": "Move house", "done": false, "parts": [{"title": "Pack the books", "done": true},
            {"title": "Cancel the contract", "done": false, "parts": [{"title": "Write it", "done": false}]}]}
            """),
        ("any JSON",
            "{}",
            """{"a": [1, 2.5, {"b": null}], "text": "What a model would write, at some length.", "ok": true}"""),
        ("200 properties, open", Wide(200)[..^1] + ",\"additionalProperties\":true,\"minProperties\":1}",
            """{"property_7": 12, "something_else": [1, 2], "property": "x"}"""),
        ("200 properties", Wide(200), "{" + string.Join(", ", Enumerable.Range(0, 200).Where(i => i % 7 == 0).Select(
            i => $"\"property_{i}\": {(i % 3) switch { 0 => "\"some text\"", 1 => "12", _ => "true" }}")) + "}"),
    ];

    private static string Wide(int count) =>
        """{"type":"object","properties":{"""
        + string.Join(',', Enumerable.Range(0, count).Select(i => $$"""
            "property_{{i}}":{{(i % 3) switch
            {
                0 => """{"type":"string","maxLength":200}""",
                1 => """{"type":"integer","minimum":0,"maximum":1000}""",
                _ => """{"type":"boolean"}""",
            }}}
            """))
        + "}}";
}
