using System.Text.Json;
using NJsonSchema;
using SmolLM3.Extensions.Constraints.Grammars;
using SmolLM3.Extensions.Constraints.Schemas;

namespace SmolLM3.Extensions.Tests.Constraints.Schemas;

/// <summary>Whatever a schema says: every text of its language follows it, as another library judges.</summary>
public sealed class SchemaPropertyTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Texts_follow_random_schemas(int seed)
    {
        Random random = new(seed);
        for (int i = 0; i < 60; i++)
        {
            string schema = new RandomSchema(random).Next();
            Node language;
            try
            {
                language = Languages.Compile(JsonElement.Parse(schema), new SchemaReport(SchemaMode.Strict));
            }
            catch (NotSupportedException error) when (error.Message.Contains("No finite JSON value"))
            {
                continue;
            }

            JsonSchema judge = await JsonSchema.FromJsonAsync(schema, TestContext.Current.CancellationToken);
            for (int text = 0; text < 8; text++)
            {
                string value = Languages.Walk(language, random);
                Assert.True(IsJson(value), $"{schema}\n{value}");
                Assert.True(judge.Validate(value).Count == 0, $"{schema}\n{value}\n{judge.Validate(value).FirstOrDefault()}");
            }
        }
    }

    private static bool IsJson(string text)
    {
        try
        {
            using JsonDocument parsed = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 1000 });
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
