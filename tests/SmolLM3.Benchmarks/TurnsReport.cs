using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using SmolLM3.Extensions;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Benchmarks;

/// <summary>What the prefix cache saves: the second turn of a chat against the same conversation from scratch, and eight
/// requests at once that begin alike against one.</summary>
internal static class TurnsReport
{
    private const int FirstTokens = 2000;
    private const int QuestionTokens = 32;
    private const int HeadTokens = 1500;
    private const int Crowd = 8;

    private static readonly AITool s_tool = AIFunctionFactory.CreateDeclaration(
        "look_up", "Looks up.", JsonElement.Parse("""{"type":"object","properties":{"id":{"const":12}},"required":["id"]}"""));

    /// <summary>Measures on a file and prints.</summary>
    public static async Task RunAsync(string model)
    {
        await TurnsAsync(model, calls: false);
        await TurnsAsync(model, calls: true);
        await CrowdAsync(model);
    }

    private static async Task TurnsAsync(string model, bool calls)
    {
        ChatOptions options = new() { Temperature = 1, Seed = 3, Tools = calls ? [s_tool] : null };
        ChatOptions first = options.Clone();
        first.MaxOutputTokens = calls ? null : 16;
        first.ToolMode = calls ? ChatToolMode.RequireAny : null;
        first.AllowMultipleToolCalls = false;
        List<ChatMessage> messages;
        double turn, cold;
        long cached, input;
        await using (SmolLM3ChatClient client = Client(model))
        {
            messages = [new(ChatRole.User, Text(client, FirstTokens, seed: 1))];
            ChatResponse response = await client.GetResponseAsync(messages, first);
            messages.AddRange(response.Messages);
            string question = Text(client, QuestionTokens, seed: 2);
            FunctionCallContent? call = response.Messages[0].Contents.OfType<FunctionCallContent>().SingleOrDefault();
            messages.Add(call is null
                ? new(ChatRole.User, question)
                : new(ChatRole.Tool, [new FunctionResultContent(call.CallId, question)]));
            (turn, cached, input) = await FirstTokenAsync(client, messages, options);
        }

        await using (SmolLM3ChatClient fresh = Client(model))
        {
            await FirstTokenAsync(fresh, [new(ChatRole.User, "Hi")], new());
            (cold, _, _) = await FirstTokenAsync(fresh, messages, options);
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"second turn behind {(calls ? "a call" : "an answer")}: {cached} of {input} tokens cached, first token after "
            + $"{turn:F2} s; from scratch {cold:F2} s; {turn / cold:P1}"));
    }

    private static async Task CrowdAsync(string model)
    {
        double[] seconds = new double[2];
        int computed = 0;
        foreach (int crowd in new[] { 1, Crowd })
        {
            await using SmolLM3ChatClient client = Client(model);
            await FirstTokenAsync(client, [new(ChatRole.User, "Hi")], new());
            ChatMessage head = new(ChatRole.System, Text(client, HeadTokens, seed: 1));
            string[] questions = [.. Enumerable.Range(10, crowd).Select(seed => Text(client, QuestionTokens, seed))];
            long start = Stopwatch.GetTimestamp();
            (double, long Cached, long Input)[] ends = await Task.WhenAll(questions.Select(
                question => FirstTokenAsync(client, [head, new(ChatRole.User, question)], new())));
            seconds[crowd == 1 ? 0 : 1] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            computed = (int)ends.Sum(end => end.Input - end.Cached);
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Crowd} requests at once that share {HeadTokens} tokens: {computed} tokens computed in {seconds[1]:F2} s; "
            + $"one alone {seconds[0]:F2} s"));
    }

    private static SmolLM3ChatClient Client(string model) => new(new SmolLM3Options
    {
        Model = model,
        ContextLength = 4096,
        CapacityTokens = 8192,
        Threads = BenchmarkSettings.Threads,
    });

    private static async Task<(double Seconds, long Cached, long Input)> FirstTokenAsync(
        SmolLM3ChatClient client, List<ChatMessage> messages, ChatOptions options)
    {
        options = options.Clone();
        options.MaxOutputTokens = 1;
        long start = Stopwatch.GetTimestamp();
        UsageDetails usage = (await client.GetResponseAsync(messages, options)).Usage!;
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return (seconds, usage.CachedInputTokenCount!.Value, usage.InputTokenCount!.Value);
    }

    /// <summary>A text of so many tokens, or one more.</summary>
    public static string Text(SmolLM3ChatClient client, int tokens, int seed)
    {
        Tokenizer tokenizer = client.GetService<Tokenizer>()!;
        Random random = new(seed);
        string text = "";
        while (tokenizer.Encode(text).Length < tokens)
        {
            text += " " + (char)('a' + random.Next(26)) + (char)('a' + random.Next(26));
        }

        return text;
    }
}
