using System.Text.Json;
using CsCheck;
using Microsoft.Extensions.AI;
using SmolLM3.Extensions;
using SmolLM3.Extensions.Tests.Telemetry;

namespace SmolLM3.TinyModelTests;

/// <summary>The same prompt, options and seed give the same answer, whatever else happens at the time.</summary>
public sealed class DeterminismTests
{
    private const int Crowd = 16;

    private static readonly string[] s_systems =
        ["", "You are a helpful assistant.", "Answer briefly and repeat the question. /no_think"];

    private static readonly string[] s_questions =
    [
        "What is 3 + 4?", "Who are you?", "What is the weather in Lisbon?", "Wie heißt du?", "What time is it in Oslo?",
        "Repeat: one two three one two three one two three one two", "ab ab ab ab ab ab ab ab ab ab ab ab",
    ];

    private static readonly AIFunction s_weather =
        AIFunctionFactory.Create((string city) => "Sunny", "get_weather", "Gets the weather of a city.");

    private static readonly Gen<Asked> _requests =
        from system in Of(s_systems)
        from earlier in Of(s_questions).List[0, 2]
        from question in Of(s_questions)
        from temperature in Of(0f, 0.6f, 1.5f)
        from tokens in Gen.Int[1, 24]
        from seed in Gen.Long
        from kind in Gen.Int[0, 5]
        select new Asked(system, earlier, question, temperature, tokens, seed, kind);

    [Fact]
    public Task An_answer_follows_from_its_prompt_options_and_seed_alone() =>
        _requests.List[Crowd].SampleAsync(CheckAsync, iter: 4, threads: 1);

    private static Gen<T> Of<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static async Task CheckAsync(List<Asked> requests)
    {
        List<string> expected = [];
        await using (SmolLM3ChatClient alone = Client("alone", options =>
        {
            (options.Threads, options.MaxSequences, options.MaxCachedTokens) = (1, 1, 0);
            options.DraftFromPrompt = false;
        }))
        {
            foreach (Asked request in requests)
            {
                expected.Add(await AnswerAsync(alone, request));
            }
        }

        string name = Guid.NewGuid().ToString();
        using MeterProbe measured = new(name);
        await using SmolLM3ChatClient crowded = Client(name, options =>
            (options.Threads, options.MaxSequences, options.TargetStepTime) = (2, Crowd, TimeSpan.FromMilliseconds(5)));
        for (int round = 0; round < 2; round++)
        {
            string[] actual = await Task.WhenAll(requests.Select(request => AnswerAsync(crowded, request)));
            Assert.Equal(expected, actual);
        }

        foreach ((Asked request, string answer) in requests.Zip(expected))
        {
            Assert.Equal(answer, await AnswerAsync(crowded, request));
        }

        // Otherwise nothing was tried.
        Assert.NotEqual(0, measured["smollm3.prompt.cached_tokens"].Sum());
        Assert.NotEqual(0, measured["smollm3.draft.accepted_tokens"].Sum());
    }

    private static SmolLM3ChatClient Client(string name, Action<SmolLM3Options> configure)
    {
        SmolLM3Options options = new SmolLM3Options { ContextLength = 1_024, CapacityTokens = 8_192 }
            .UseModel(name, TinyModel.TinyModel.OpenRead);
        configure(options);
        return new(options);
    }

    private static async Task<string> AnswerAsync(SmolLM3ChatClient client, Asked request)
    {
        ChatResponse response = await client.GetResponseAsync(request.ToMessages(), request.ToOptions());
        IEnumerable<string> contents = response.Messages.Single().Contents.Select(content => content switch
        {
            FunctionCallContent call => $"{call.Name} {JsonSerializer.Serialize(call.Arguments)} {call.Exception?.Message}",
            TextReasoningContent thought => $"thinks {thought.Text}",
            _ => content.ToString() ?? "",
        });
        return $"{string.Join('\n', contents)} {response.FinishReason} {response.Usage!.OutputTokenCount}";
    }

    private sealed record Asked(
        string System, List<string> Earlier, string Question, float Temperature, int Tokens, long Seed, int Kind)
    {
        public List<ChatMessage> ToMessages()
        {
            List<ChatMessage> messages = System == "" ? [] : [new(ChatRole.System, System)];
            foreach (string earlier in Earlier)
            {
                messages.Add(new(ChatRole.User, earlier));
                messages.Add(new(ChatRole.Assistant, $"You asked: {earlier}"));
            }

            return [.. messages, new(ChatRole.User, Question)];
        }

        public ChatOptions ToOptions() => new()
        {
            Temperature = Temperature,
            Seed = Seed,
            MaxOutputTokens = Tokens,
            FrequencyPenalty = Kind == 1 ? 0.5f : null,
            TopK = Kind == 2 ? 20 : null,
            Tools = Kind == 3 ? [s_weather] : null,
            ToolMode = Kind == 3 ? ChatToolMode.RequireAny : null,
            ResponseFormat = Kind == 4 ? ChatResponseFormat.Json : null,
            Reasoning = Kind == 5 ? new() { Effort = ReasoningEffort.Low } : null,
        };
    }
}
