using System.Diagnostics;
using System.Globalization;
using System.Text.Unicode;
using Microsoft.Extensions.AI;
using SmolLM3.Extensions;
using SmolLM3.Extensions.Remote;
using SmolLM3.Inference.Tokenization;
using SmolLM3.TinyModel;

namespace SmolLM3.Benchmarks;

/// <summary>Chats with the tiny model on several servers that run already: what of their prompts is cached where they stay at
/// a server and where they go round, and what a server that dies costs.</summary>
internal static class ReplicasReport
{
    private const int Sessions = 12;
    private const int Turns = 6;
    private const int QuestionTokens = 100;

    // llama-server breaks off where a text is no UTF-8, and the model is asked for nonsense.
    private static readonly Lazy<Dictionary<int, float>> s_wholeCharacters = new(() =>
    {
        using SmolLM3ChatClient client = new(new SmolLM3Options().UseTinyModel());
        Tokenizer tokenizer = client.GetRequiredService<Tokenizer>();
        return Enumerable.Range(0, tokenizer.VocabularySize)
            .Where(id => !Utf8.IsValid(tokenizer.GetBytes(id))).ToDictionary(id => id, _ => float.NegativeInfinity);
    });

    private static readonly TimeSpan s_untilDeath = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_underLoad = TimeSpan.FromSeconds(15);

    /// <summary>Measures and prints.</summary>
    /// <param name="addresses">Of the servers.</param>
    /// <param name="victim">The process of one of them, to be killed; null: none.</param>
    public static async Task RunAsync(Uri[] addresses, int? victim)
    {
        if (victim is { } process)
        {
            await using SmolLM3ChatClient client = Client(addresses);
            await KillAsync(client, process);
            return;
        }

        foreach ((string name, Uri[] asked, bool goesRound) in ((string, Uri[], bool)[])
            [("warm-up", addresses, true), ("one server", addresses[..1], false),
            ($"{addresses.Length}, at one", addresses, false), ($"{addresses.Length}, in turn", addresses, true)])
        {
            SmolLM3ChatClient[] clients = goesRound ? [.. asked.Select(address => Client(address))] : [Client(asked)];
            await TalkAsync(name, clients);
            foreach (SmolLM3ChatClient client in clients)
            {
                await client.DisposeAsync();
            }
        }
    }

    private static async Task TalkAsync(string name, SmolLM3ChatClient[] clients)
    {
        long start = Stopwatch.GetTimestamp();
        int asked = 0;
        Answer[] answers = [.. (await Task.WhenAll(Enumerable.Range(0, Sessions).Select(async session =>
        {
            List<ChatMessage> messages = [];
            List<Answer> mine = [];
            for (int turn = 0; turn < Turns; turn++)
            {
                SmolLM3ChatClient client = clients[Interlocked.Increment(ref asked) % clients.Length];
                messages.Add(Question(clients[0], name, session, turn));
                mine.Add(await AskAsync(client, messages));
                messages.AddRange(mine[^1].Response.Messages);
            }

            return mine;
        }))).SelectMany(mine => mine)];
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        UsageDetails[] usages = [.. answers.Select(answer => answer.Response.Usage!)];
        double[] firsts = [.. answers.Select(answer => answer.First).Order()];
        double input = usages.Sum(usage => usage.InputTokenCount!.Value);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {Sessions} chats of {Turns} turns in {seconds:F2} s, "
            + $"{usages.Sum(usage => usage.OutputTokenCount) / seconds:F0} tokens/s, cached "
            + $"{usages.Sum(usage => usage.CachedInputTokenCount) / input:P1} of {input} prompt tokens, first token "
            + $"{firsts[firsts.Length / 2] * 1000:F0} ms, at most {firsts[^1] * 1000:F0} ms"));
    }

    private static async Task KillAsync(SmolLM3ChatClient client, int victim)
    {
        long start = Stopwatch.GetTimestamp();
        int answered = 0, refused = 0, broken = 0;
        double longest = 0;
        Lock gate = new();
        Task load = Task.WhenAll(Enumerable.Range(0, Sessions).Select(async session =>
        {
            for (int i = 0; Stopwatch.GetElapsedTime(start) < s_underLoad; i++)
            {
                try
                {
                    Answer answer = await AskAsync(client, [Question(client, "kill", session, i)]);
                    lock (gate)
                    {
                        (answered, longest) = (answered + 1, Math.Max(longest, answer.First));
                    }
                }
                catch (AnswerInterruptedException)
                {
                    Interlocked.Increment(ref broken);
                }
                catch (ServerException)
                {
                    Interlocked.Increment(ref refused);
                }
            }
        }));
        await Task.Delay(s_untilDeath);
        using (Process process = Process.GetProcessById(victim))
        {
            process.Kill();
        }

        await load;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Sessions} clients for {s_underLoad.TotalSeconds} s, a server killed after {s_untilDeath.TotalSeconds}: {answered} "
            + $"answered, {refused} failed before their first token, {broken} after; the longest wait for a first token "
            + $"{longest * 1000:F0} ms"));
    }

    private static async Task<Answer> AskAsync(SmolLM3ChatClient client, IEnumerable<ChatMessage> messages)
    {
        long start = Stopwatch.GetTimestamp();
        double? first = null;
        List<ChatResponseUpdate> updates = [];
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(
            messages, new()
            {
                Temperature = 0,
                MaxOutputTokens = 64,
                RawRepresentationFactory = _ => new SmolLM3RequestOptions { LogitBias = s_wholeCharacters.Value },
            }))
        {
            first ??= Stopwatch.GetElapsedTime(start).TotalSeconds;
            updates.Add(update);
        }

        return new Answer(first ?? 0, updates.ToChatResponse());
    }

    private static ChatMessage Question(SmolLM3ChatClient client, string kind, int session, int turn) =>
        new(ChatRole.User, $"{kind} {TurnsReport.Text(client, QuestionTokens, (session * 1000) + turn)}");

    private static SmolLM3ChatClient Client(params Uri[] addresses) =>
        new(new SmolLM3Options().UseTinyModel().UseServers(addresses));

    private sealed record Answer(double First, ChatResponse Response);
}
