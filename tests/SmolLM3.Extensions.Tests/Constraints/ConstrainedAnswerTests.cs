using System.Text.Json;
using Microsoft.Extensions.AI;
using NJsonSchema;
using SmolLM3.Extensions.Tests.Constraints.Schemas;
using SmolLM3.Inference.Synthetic;

namespace SmolLM3.Extensions.Tests.Constraints;

/// <summary>Whole answers of a trained and of a random model, at any temperature, judged by another library.</summary>
public sealed class ConstrainedAnswerTests
{
    private const int MostTokens = 1500;

    public static TheoryData<bool, float> Models => new()
    {
        { true, 0 }, { true, 1 }, { true, 2 }, { false, 1 }, { false, 2 },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Answers_follow_random_schemas(bool isTrained, float temperature)
    {
        using SmolLM3ChatClient client = Client(isTrained);
        Random random = new((int)(temperature * 10) + (isTrained ? 1 : 0));
        int ended = 0, asked = 0;
        while (asked < 25)
        {
            string schema = new RandomSchema(random).Next();
            ChatResponse response;
            try
            {
                response = await client.GetResponseAsync("Make something up.", new()
                {
                    ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse(schema)),
                    Temperature = temperature,
                    TopP = 1,
                    Seed = asked,
                    MaxOutputTokens = MostTokens,
                }, TestContext.Current.CancellationToken);
            }
            catch (NotSupportedException error) when (error.Message.Contains("No finite JSON value"))
            {
                continue;
            }

            asked++;
            if (response.FinishReason == ChatFinishReason.Stop)
            {
                ended++;
                await AssertFollows(schema, response.Text);
            }
            else
            {
                Assert.Equal(ChatFinishReason.Length, response.FinishReason);
            }
        }

        Assert.InRange(ended, asked * 0.95, asked);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Calls_are_always_valid(bool isTrained, float temperature)
    {
        using SmolLM3ChatClient client = Client(isTrained);
        Random random = new((int)(temperature * 10) + (isTrained ? 1 : 0));
        int called = 0, asked = 0;
        while (asked < 15)
        {
            Dictionary<string, string> schemas = Enumerable.Range(0, 3).ToDictionary(
                i => $"tool {i} \"quoted\" </tool_call> é", _ => Satisfiable(random));
            ChatResponse response = await client.GetResponseAsync("Call something.", new()
            {
                Tools = [.. schemas.Select(tool => AIFunctionFactory.CreateDeclaration(
                    tool.Key, "A tool.", JsonElement.Parse(tool.Value)))],
                ToolMode = ChatToolMode.RequireAny,
                AllowMultipleToolCalls = false,
                Temperature = temperature,
                TopP = 1,
                Seed = asked,
                MaxOutputTokens = MostTokens,
            }, TestContext.Current.CancellationToken);
            asked++;
            if (response.FinishReason == ChatFinishReason.ToolCalls)
            {
                called++;
                FunctionCallContent call =
                    Assert.Single(response.Messages[0].Contents.OfType<FunctionCallContent>());
                Assert.Null(call.Exception);
                Assert.Contains(call.Name, schemas.Keys);
                await AssertFollows(schemas[call.Name], JsonSerializer.Serialize(call.Arguments));
            }
            else
            {
                Assert.Empty(response.Messages[0].Contents.OfType<FunctionCallContent>());
                Assert.Equal(ChatFinishReason.Length, response.FinishReason);
            }
        }

        Assert.InRange(called, asked * 0.95, asked);
    }

    // Of a tool whose schema contradicts itself any object is taken.
    private static string Satisfiable(Random random)
    {
        while (true)
        {
            string schema = new RandomSchema(random).NextObject();
            try
            {
                Languages.Compile(schema);
                return schema;
            }
            catch (NotSupportedException)
            {
                // Another one, then.
            }
        }
    }

    private static async Task AssertFollows(string schema, string text)
    {
        using JsonDocument parsed = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 1000 });

        // The judge counts such characters twice.
        if (!text.Any(char.IsSurrogate) && !text.Contains("\\uD", StringComparison.Ordinal))
        {
            JsonSchema judge = await JsonSchema.FromJsonAsync(schema, TestContext.Current.CancellationToken);
            Assert.True(judge.Validate(text).Count == 0, $"{schema}\n{text}\n{judge.Validate(text).FirstOrDefault()}");
        }
    }

    private static SmolLM3ChatClient Client(bool isTrained)
    {
        if (isTrained)
        {
            return new(new SmolLM3Options { Model = Path.Combine(AppContext.BaseDirectory, "smollm3-tiny.gguf") });
        }

        MemoryStream stream = new();
        SyntheticModel.Write(stream, new SyntheticModelOptions
        {
            LayerCount = 2,
            HiddenSize = 64,
            FeedForwardSize = 96,
            HeadCount = 2,
            KeyValueHeadCount = 1,
            VocabularySize = 3000,
            ContextLength = 8192,
            TensorType = Inference.Gguf.GgufTensorType.F32,
        });
        return new(new SmolLM3Options().UseModel(Guid.NewGuid().ToString(), () => new MemoryStream(stream.ToArray())));
    }
}
