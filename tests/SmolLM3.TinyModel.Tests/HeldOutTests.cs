using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using SmolLM3.Extensions;
using Tiny = SmolLM3.TinyModel.TinyModel;

namespace SmolLM3.TinyModelTests;

/// <summary>How often the tiny model calls the right tool with exactly the right arguments, on names and cities
/// it never saw in training. This is the measurement its description quotes; <c>dotnet test</c> runs it.</summary>
public class HeldOutTests(ITestOutputHelper output)
{
    // The goal. The checked-in weights reach 0.91, give or take one request by kernel set.
    private const double Goal = 0.9;

    [Fact]
    public async Task Nine_of_ten_unseen_calls_are_right()
    {
        JsonElement[] items = [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "heldout.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.True(items.Length >= 300, $"{items.Length} items");

        // One engine for each core, each with one thread: the model is too small to share out.
        SmolLM3ChatClient[] clients = [.. Enumerable.Range(0, Math.Min(4, Environment.ProcessorCount)).Select(MakeClient)];
        ConcurrentBag<SmolLM3ChatClient> idle = [.. clients];
        ConcurrentBag<(string Group, bool Right)> scores = [];
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = clients.Length };
        await Parallel.ForEachAsync(items, parallel, async (item, token) =>
        {
            Assert.True(idle.TryTake(out SmolLM3ChatClient? client));
            bool right = await IsRight(client, item, token);
            idle.Add(client);
            scores.Add(("all", right));
            scores.Add((item.GetProperty("language").GetString()!, right));
            scores.Add((item.GetProperty("mode").GetString()!, right));
        });

        foreach (var group in scores.GroupBy(score => score.Group).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{group.Key,-18} {group.Count(s => s.Right)}/{group.Count()} = {Share(group):P1}"));
        }

        double share = Share(scores.Where(score => score.Group == "all"));
        Assert.True(share >= Goal, string.Create(CultureInfo.InvariantCulture, $"{share:P1} are right."));
        Array.ForEach(clients, client => client.Dispose());
    }

    private static SmolLM3ChatClient MakeClient(int number) => new(
        new SmolLM3Options { ContextLength = 4096, Threads = 1 }.UseModel($"smollm3-tiny {number}", Tiny.OpenRead));

    private static double Share(IEnumerable<(string Group, bool Right)> scores) =>
        scores.Average(score => score.Right ? 1.0 : 0.0);

    private static async Task<bool> IsRight(SmolLM3ChatClient client, JsonElement item, CancellationToken token)
    {
        bool thinks = item.GetProperty("mode").GetString() == "think";
        ChatResponse response = await client.GetResponseAsync(
            item.GetProperty("messages").EnumerateArray().Select(ToMessage),
            new ChatOptions
            {
                Temperature = 0,
                MaxOutputTokens = 250,
                Tools = [.. item.GetProperty("tools").EnumerateArray().Select(tool => new Declared(tool))],
                Reasoning = new() { Effort = thinks ? ReasoningEffort.Low : ReasoningEffort.None },
            },
            token);
        FunctionCallContent? call = response.Messages[0].Contents.OfType<FunctionCallContent>().FirstOrDefault();
        JsonElement expected = item.GetProperty("expected");
        return call is { Exception: null }
            && call.Name == expected.GetProperty("name").GetString()
            && JsonElement.DeepEquals(
                JsonSerializer.SerializeToElement(
                    call.Arguments, AIJsonUtilities.DefaultOptions), expected.GetProperty("arguments"));
    }

    private static ChatMessage ToMessage(JsonElement message) => new(
        new ChatRole(message.GetProperty("role").GetString()!), message.GetProperty("content").GetString());

    private sealed class Declared(JsonElement tool) : AIFunctionDeclaration
    {
        public override string Name => tool.GetProperty("name").GetString()!;

        public override string Description => tool.GetProperty("description").GetString()!;

        public override JsonElement JsonSchema => tool.GetProperty("parameters");
    }
}
