using System.Text.Json;
using Microsoft.Extensions.AI;
using SmolLM3.Extensions;

namespace SmolLM3.TinyModelTests.Soak;

/// <summary>Requests with something wrong in them.</summary>
internal static class SoakMistakes
{
    private const int TooManyWords = 2_000;

    private static readonly ChatMessage s_hello = new(ChatRole.User, "Hello!");

    private static readonly Func<(IEnumerable<ChatMessage>? Messages, ChatOptions Options, Type Mistake)>[] s_all =
    [
        () => (null, new(), typeof(ArgumentNullException)),
        () => ([s_hello, null!], new(), typeof(ArgumentException)),
        () => (Throwing(), new(), typeof(SoakException)),
        () => ([s_hello], new() { Temperature = -1 }, typeof(ArgumentOutOfRangeException)),
        () => ([s_hello], new() { MaxOutputTokens = 0 }, typeof(ArgumentOutOfRangeException)),
        () => ([s_hello], Raw(new() { TopLogProbabilities = 21 }), typeof(ArgumentOutOfRangeException)),
        () => ([s_hello], Raw(new() { LogitBias = new Dictionary<int, float> { [1_000_000] = 1 } }),
            typeof(ArgumentOutOfRangeException)),
        () => ([s_hello], new() { AdditionalProperties = new() { ["min_p"] = "much" } }, typeof(ArgumentException)),
        () => ([s_hello], new() { ModelId = "another" }, typeof(UnknownModelException)),
        () => ([s_hello], new() { ToolMode = ChatToolMode.RequireSpecific("Nobody") }, typeof(ArgumentException)),
        () => ([s_hello], Raw(new() { Regex = "(?=a)a" }), typeof(NotSupportedException)),
        () => ([s_hello], Raw(new() { Regex = "a", Choices = ["a"] }), typeof(ArgumentException)),
        () => ([s_hello], new() { ResponseFormat = Schema("""{"not":{"type":"string"}}""") }, typeof(NotSupportedException)),
        () => ([new(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")])], new(),
            typeof(UnsupportedContentException)),
        () => ([new(ChatRole.User, string.Concat(Enumerable.Repeat("word and ", TooManyWords)))], new(),
            typeof(PromptTooLongException)),
    ];

    public static SoakRequest Create(Random random, int number)
    {
        (IEnumerable<ChatMessage>? messages, ChatOptions options, Type mistake) = s_all[random.Next(s_all.Length)]();
        return new SoakRequest
        {
            Number = number, Messages = messages, Options = options, Mistake = mistake, IsStreaming = random.Next(2) == 0,
        };
    }

    private static ChatOptions Raw(SmolLM3RequestOptions raw) => new() { RawRepresentationFactory = _ => raw };

    private static ChatResponseFormat Schema(string schema) =>
        ChatResponseFormat.ForJsonSchema(JsonElement.Parse(schema));

    private static IEnumerable<ChatMessage> Throwing()
    {
        yield return s_hello;
        throw new SoakException();
    }
}
