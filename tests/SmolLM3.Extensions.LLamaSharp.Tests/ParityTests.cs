using System.Text.Json;
using Microsoft.Extensions.AI;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.LLamaSharp.Tests;

/// <summary>The same model says the same on both engines.</summary>
public sealed class ParityTests(ITestOutputHelper output)
{
    private const int Prompts = 200;

    private static readonly AIFunction s_weather =
        AIFunctionFactory.Create((string city) => "Sunny", "get_weather", "Gets the weather of a city.");

    [Fact]
    public async Task Greedy_answers_are_equal_for_nearly_all_prompts()
    {
        _ = Llama.Library;
        using SmolLM3ChatClient managed = Client(_ => { });
        using SmolLM3ChatClient llama = Client(options => options.UseLLamaSharp(l =>
            (l.Backend, l.LibraryDirectory) = (Llama.Options.Backend, Llama.Options.LibraryDirectory)));
        Assert.Equal("managed", managed.GetService<EngineInfo>()!.Name);
        Assert.Equal("llamasharp", llama.GetService<EngineInfo>()!.Name);
        int equal = 0;
        foreach (string prompt in ReadPrompts())
        {
            string expected = await AnswerAsync(managed, prompt), actual = await AnswerAsync(llama, prompt);
            equal += expected == actual ? 1 : 0;
            if (expected != actual)
            {
                output.WriteLine($"{prompt}\n  managed: {expected}\n  llama:   {actual}");
            }
        }

        output.WriteLine($"{equal} of {Prompts} equal");
        Assert.InRange(equal, Prompts * 0.95, Prompts);
    }

    [Fact]
    public void Logits_are_close()
    {
        using Stream stream = TinyModel.TinyModel.OpenRead();
        using GgufFile file = GgufFile.Load(stream);
        Tokenizer tokenizer = Tokenizer.FromGguf(file);
        EngineOptions options = new() { ContextLength = 512, MaxSequences = 1, Threads = 2 };
        using ManagedEngine managed = new(file, options);
        using LLamaSharpEngine llama = Llama.Create(file, options);
        List<double> distances = [];
        int same = 0;
        foreach (string prompt in ReadPrompts())
        {
            int[] tokens = [.. tokenizer.Encode(prompt)];
            float[] expected = Logits(managed, tokens), actual = Logits(llama, tokens);
            distances.Add(Distance(expected, actual));
            same += Array.IndexOf(expected, expected.Max()) == Array.IndexOf(actual, actual.Max()) ? 1 : 0;
        }

        distances.Sort();
        output.WriteLine($"relative distance: median {distances[Prompts / 2]:G3}, worst {distances[^1]:G3}; the same "
            + $"likeliest token for {same} of {Prompts}");
        Assert.InRange(distances[Prompts / 2], 0, 0.03);
        Assert.InRange(distances[^1], 0, 0.15);
        Assert.InRange(same, Prompts * 0.95, Prompts);
    }

    private static SmolLM3ChatClient Client(Action<SmolLM3Options> configure)
    {
        SmolLM3Options options = new SmolLM3Options { ContextLength = 1_024, Threads = 2 }
            .UseModel("parity", TinyModel.TinyModel.OpenRead);
        configure(options);
        return new(options);
    }

    private static async Task<string> AnswerAsync(SmolLM3ChatClient client, string prompt)
    {
        ChatResponse response = await client.GetResponseAsync(
            prompt, new() { Temperature = 0, MaxOutputTokens = 48, Tools = [s_weather] });
        IEnumerable<string> contents = response.Messages.Single().Contents.Select(content => content switch
        {
            FunctionCallContent call => $"{call.Name} {JsonSerializer.Serialize(call.Arguments)}",
            _ => content.ToString() ?? "",
        });
        return $"{string.Join('\n', contents)} {response.FinishReason}";
    }

    private static string[] ReadPrompts()
    {
        string[] cities = ["Lisbon", "Oslo", "Lyon", "Rome", "Berlin", "Madrid", "Paris", "Vienna", "Porto", "Nice"];
        return
        [
            .. Enumerable.Range(0, 80).Select(i => $"What is {i / 9} + {(i * 7) % 10}?"),
            .. cities.Select(city => $"What is the weather in {city}?"),
            .. cities.Select(city => $"What time is it in {city}?"),
            .. cities.SelectMany(city => (string[])[$"Tell me about {city}.", $"Say hello to someone from {city}."]),
            .. Enumerable.Range(0, 40).Select(i => $"Repeat: {string.Join(' ', Enumerable.Range(i, 3 + (i % 4)))}"),
            .. Enumerable.Range(0, 40).Select(i =>
                ((string[])["Who are you?", "Wie heißt du?", "Count to", "Hello"])[i % 4] + $" {i}"),
        ];
    }

    private static float[] Logits(IInferenceEngine engine, int[] tokens)
    {
        engine.Truncate(0, 0);
        Batch batch = new(tokens.Length);
        for (int i = 0; i < tokens.Length; i++)
        {
            batch.Add(0, i, tokens[i], logits: i == tokens.Length - 1);
        }

        Assert.Equal(ForwardStatus.Completed, engine.Forward(batch));
        return engine.GetLogits(0).ToArray();
    }

    private static double Distance(float[] expected, float[] actual)
    {
        double mean = expected.Average(), other = actual.Average();
        double difference = expected.Zip(actual, (e, a) => Math.Pow(e - mean - (a - other), 2)).Sum();
        return Math.Sqrt(difference / expected.Sum(e => Math.Pow(e - mean, 2)));
    }
}
