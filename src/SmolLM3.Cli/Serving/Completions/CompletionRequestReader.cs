using System.Text.Json;
using Microsoft.Extensions.AI;
using SmolLM3.Cli.Serving.Chat;
using SmolLM3.Cli.Serving.Errors;
using SmolLM3.Extensions;

namespace SmolLM3.Cli.Serving.Completions;

/// <summary>Reads a body of <c>/v1/completions</c>.</summary>
internal static class CompletionRequestReader
{
    private const int MostChoices = 128;
    private const int MostTopLogProbabilities = 20;

    /// <summary>What OpenAI takes where a request does not say.</summary>
    private const int DefaultTokens = 16;

    /// <exception cref="ApiException">Something in it is wrong.</exception>
    public static CompletionRequest Read(JsonElement json, TimeSpan timeout)
    {
        JsonFields body = new(json);
        int? top = (int?)body.Integer("logprobs", 0, MostTopLogProbabilities);
        bool echoes = body.Flag("echo") ?? false;
        if (echoes && top is not null)
        {
            throw body.Unsupported("logprobs", "echo goes without logprobs: those of a prompt are not computed.");
        }

        if (body.Find("suffix") is not null)
        {
            throw body.Unsupported("suffix", "suffix is not supported: this model writes on, not in between.");
        }

        SmolLM3RequestOptions more = SamplingReader.Read(body);
        more.Timeout = timeout;
        more.TopLogProbabilities = top is { } count ? Math.Max(1, count) : null;
        var options = new ChatOptions
        {
            ModelId = body.Text("model"),
            Seed = body.Integer("seed"),
            MaxOutputTokens = (int)(body.Integer("max_tokens", 1, int.MaxValue) ?? DefaultTokens),
            StopSequences = SamplingReader.ReadStops(body),
            ResponseFormat = FormatReader.Read(body),
            RawRepresentationFactory = _ => more,
        };
        return new CompletionRequest(ReadText(body), ReadTokens(body), options)
        {
            Choices = (int)(body.Integer("n", 1, MostChoices) ?? 1),
            Streams = body.Flag("stream") ?? false,
            TellsUsage = body.Object("stream_options")?.Flag("include_usage") ?? false,
            Echoes = echoes,
            TopLogProbabilities = top,
        };
    }

    private static string? ReadText(JsonFields body) =>
        body.Find("prompt") is { ValueKind: JsonValueKind.String } ? body.Text("prompt") : null;

    private static int[]? ReadTokens(JsonFields body)
    {
        const string wanted = "a text or a list of token ids; several prompts are several requests";
        return body.Find("prompt") switch
        {
            { ValueKind: JsonValueKind.String } => null,
            { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() > 0 =>
            [.. list.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out int id)
                ? id : throw body.Wrong("prompt", wanted))],
            _ => throw body.Wrong("prompt", wanted),
        };
    }
}
