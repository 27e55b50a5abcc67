using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using SmolLM3.Extensions;
using SmolLM3.Extensions.Sampling;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Benchmarks;

/// <summary>What settled text saves: a call most of which is fixed, against as many tokens of free text.</summary>
internal static class SettledTextReport
{
    private const int Rounds = 3;

    private const string Schema = """
        {"type":"object","properties":{"destination_city":{"type":"string","maxLength":12},
        "accommodation":{"const":"hotel with breakfast"},"number_of_travellers":{"type":"integer","minimum":1,"maximum":9},
        "preferred_currency":{"const":"EUR"},"newsletter_subscription":{"type":"boolean"}},
        "required":["destination_city","accommodation","number_of_travellers","preferred_currency",
        "newsletter_subscription"]}
        """;

    /// <summary>Measures on a file and prints.</summary>
    public static async Task RunAsync(string model)
    {
        using SmolLM3ChatClient client = new(new SmolLM3Options { Model = model, ContextLength = 1024 });
        Tokenizer tokenizer = client.GetService<Tokenizer>()!;
        ChatOptions call = new()
        {
            Tools = [AIFunctionFactory.CreateDeclaration("book_a_journey", "Books.", JsonElement.Parse(Schema))],
            ToolMode = ChatToolMode.RequireAny,
            AllowMultipleToolCalls = false,
            Temperature = 1,
            Seed = 7,
        };
        SampledTokens? sampledTokens = null;
        call.RawRepresentationFactory =
            _ => new SmolLM3RequestOptions { Constraint = sampledTokens = new SampledTokens() };
        (double settled, long tokens) = await MeasureAsync(client, call);
        ChatOptions free = new()
        {
            Temperature = 1,
            Seed = 7,
            MaxOutputTokens = (int)tokens,
            AdditionalProperties = new()
            {
                ["logit_bias"] = tokenizer.EndTokens.ToDictionary(id => id, _ => -100f),
            },
        };
        (double sampled, long count) = await MeasureAsync(client, free);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{tokens} tokens of a call, {sampledTokens!.Count} of them sampled: {settled:F2} s; "
            + $"{count} of free text: {sampled:F2} s; {settled / sampled:F2}"));
    }

    // The prompt was computed by the round before, so that nearly all of the time is the answer's.
    private static async Task<(double Seconds, long Tokens)> MeasureAsync(SmolLM3ChatClient client, ChatOptions options)
    {
        double best = double.MaxValue;
        long tokens = 0;
        for (int round = 0; round <= Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            ChatResponse response = await client.GetResponseAsync("Book it.", options);
            best = round == 0 ? best : Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
            tokens = response.Usage!.OutputTokenCount!.Value;
        }

        return (best, tokens);
    }

    /// <summary>Counts the tokens that are sampled: of settled ones no mask is asked.</summary>
    private sealed class SampledTokens : ITokenConstraint
    {
        public int Count { get; private set; }

        public bool TryForce(out int token)
        {
            token = -1;
            return false;
        }

        public void Mask(Span<float> logits) => Count++;

        public void Accept(int token)
        {
        }
    }
}
