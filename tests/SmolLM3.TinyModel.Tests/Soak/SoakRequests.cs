using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;
using SmolLM3.Extensions;

namespace SmolLM3.TinyModelTests.Soak;

/// <summary>Random requests: each follows from the seed and its number alone.</summary>
internal static class SoakRequests
{
    private const int MostWords = 40;
    private const int MostTokens = 32;

    // Some outgrow the room that was seen for them, so that someone has to be parked.
    private const int MostTokensOfLong = 800;
    private const int MostMilliseconds = 60;

    private static readonly string[] s_systems =
        ["You are a helpful assistant.", "Answer in one word. /no_think", "Du antwortest auf Deutsch und kurz."];

    private static readonly string[] s_questions =
    [
        "What is 3 + 4?", "Who are you?", "What is the weather in Lisbon?", "What time is it in Oslo?", "Bonjour !",
        "Was ist 12 - 5?", "Hello!",
    ];

    private static readonly string[] s_words =
    [
        "weather", "and", "Rome", "7", "+", "tell", "me", "東京", "🙂", "señor", "\n", "<|im_end|>", "<tool_call>", "</think>",
        "{\"a\":", "the", "of",
    ];

    private static readonly AIFunction[] s_tools =
    [
        AIFunctionFactory.Create((string city) => "Sunny", "GetWeather", "Gets the weather of a city."),
        AIFunctionFactory.Create((string city, int? offset) => "12:00", "GetCurrentTime", "Gets the current time."),
    ];

    public static SoakRequest Create(int seed, int number)
    {
        // Numbers of one seed must not be those of another a little later.
        Random random = new(unchecked((seed * 1_000_003) + number));
        if (Chance(random, 0.1))
        {
            return SoakMistakes.Create(random, number);
        }

        SmolLM3RequestOptions raw = new() { Temperature = Pick(random, [0f, 0.6f, 1.5f, 2f]) };
        ChatOptions options = new() { MaxOutputTokens = random.Next(1, MostTokens), RawRepresentationFactory = _ => raw };
        SoakRequest request = new()
        {
            Number = number,
            Messages = Conversation(random),
            Options = options,
            IsStreaming = Chance(random, 0.6),
            IsRight = Limit(random, options, raw),
            MayThrow = Chance(random, 0.05),
        };
        Decorate(random, options, raw);
        raw.Constraint = request.MayThrow ? new ThrowingConstraint(random.Next(1, 12), random.Next(3)) : null;
        return Chance(random, 0.35) ? Leave(random, request) : request;
    }

    private static SoakRequest Leave(Random random, SoakRequest request)
    {
        SoakLeaving leaving = Pick(random, request.IsStreaming
            ? Enum.GetValues<SoakLeaving>()[1..]
            : [SoakLeaving.CancelsBefore, SoakLeaving.CancelsAfterTime, SoakLeaving.CancelsAfterTime]);
        int most = leaving == SoakLeaving.CancelsAfterTime ? MostMilliseconds : MostTokens / 2;
        return request with { Leaving = leaving, LeavesAfter = random.Next(1, most) };
    }

    private static List<ChatMessage> Conversation(Random random)
    {
        List<ChatMessage> messages = Chance(random, 0.4) ? [new(ChatRole.System, Pick(random, s_systems))] : [];
        for (int round = random.Next(3); round > 0; round--)
        {
            messages.Add(new(ChatRole.User, Pick(random, s_questions)));
            messages.Add(new(ChatRole.Assistant, Words(random)));
        }

        messages.Add(new(ChatRole.User, Chance(random, 0.6) ? Pick(random, s_questions) : Words(random)));
        return messages;
    }

    /// <summary>At most one of tools, a form and stops; in return, what they promise.</summary>
    private static Predicate<ChatResponse> Limit(Random random, ChatOptions options, SmolLM3RequestOptions raw)
    {
        switch (random.Next(10))
        {
            case 0 or 1:
                options.Tools = [.. s_tools];
                options.ToolMode = Pick<ChatToolMode>(
                    random, [ChatToolMode.Auto, ChatToolMode.RequireAny, ChatToolMode.RequireSpecific("GetWeather")]);
                bool mustCall = options.ToolMode != ChatToolMode.Auto;
                return response => Calls(response).All(call => call.Exception is null)
                    && (!mustCall || Calls(response).Any() || response.FinishReason == ChatFinishReason.Length);
            case 2:
                // Few of them, so that the kept grammars have come to their size when memory is first looked at.
                int length = Pick(random, [3, 12, 40]);
                options.ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse(
                    $$$"""{"type":"object","properties":{"a":{"type":"string","maxLength":{{{length}}}}},"required":["a"]}"""));
                return WhenWhole(text => JsonElement.Parse(text).GetProperty("a").GetString()!.Length <= 2 * length);
            case 3:
                raw.Regex = "[a-c]{1,9}( [0-9]+)?";
                return WhenWhole(text => Regex.IsMatch(text, "^[a-c]{1,9}( [0-9]+)?$"));
            case 4:
                raw.Choices = ["yes", "no", "perhaps"];
                return WhenWhole(text => raw.Choices.Contains(text));
            case 5 when Chance(random, 0.5):
                // The end is unlikely, so that most come to their limit.
                options.MaxOutputTokens = MostTokensOfLong;
                raw.Regex = "[a-z ]+#";
                return WhenWhole(text => text.EndsWith('#'));
            case 5 or 6:
                options.StopSequences = [Pick(random, ["e", " the", "SmolLM", "\n"]), "!"];
                return response => options.StopSequences.All(
                    stop => !response.Text.Contains(stop, StringComparison.Ordinal));
            default:
                return _ => true;
        }
    }

    private static Predicate<ChatResponse> WhenWhole(Predicate<string> holds) =>
        response => response.FinishReason == ChatFinishReason.Length || holds(response.Text);

    private static void Decorate(Random random, ChatOptions options, SmolLM3RequestOptions raw)
    {
        options.Seed = Chance(random, 0.5) ? random.NextInt64() : null;
        options.TopK = Chance(random, 0.2) ? random.Next(1, 50) : null;
        options.FrequencyPenalty = Chance(random, 0.2) ? 0.5f : null;
        raw.RepetitionPenalty = Chance(random, 0.2) ? 1.3f : null;
        raw.TopLogProbabilities = Chance(random, 0.1) ? 3 : null;
        raw.ThinkingBudget = Chance(random, 0.2) ? random.Next(1, 20) : null;
    }

    private static IEnumerable<FunctionCallContent> Calls(ChatResponse response) =>
        response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>();

    private static string Words(Random random) =>
        string.Join(' ', random.GetItems(s_words, random.Next(1, MostWords)));

    private static bool Chance(Random random, double share) => random.NextDouble() < share;

    private static T Pick<T>(Random random, T[] of) => of[random.Next(of.Length)];
}
