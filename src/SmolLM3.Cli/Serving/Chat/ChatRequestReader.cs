using System.Text.Json;
using Microsoft.Extensions.AI;
using SmolLM3.Cli.Serving.Errors;
using SmolLM3.Extensions;

namespace SmolLM3.Cli.Serving.Chat;

/// <summary>Reads a body of <c>/v1/chat/completions</c>.</summary>
/// <remarks>Microsoft.Extensions.AI.OpenAI turns messages round; for the rest of a request it has no conversion. Fields
/// this model has no use for, such as <c>user</c> or <c>store</c>, are left unread; those it cannot honour are
/// refused.</remarks>
internal static class ChatRequestReader
{
    /// <summary>As many as OpenAI allows.</summary>
    private const int MostChoices = 128;

    private const int MostTopLogProbabilities = 20;

    /// <summary>Reads a request.</summary>
    /// <param name="json">The body.</param>
    /// <param name="timeout">Most time of an answer.</param>
    /// <exception cref="ApiException">Something in it is wrong.</exception>
    public static ChatRequest Read(JsonElement json, TimeSpan timeout)
    {
        JsonFields body = new(json);
        Refuse(body);
        int? top = ReadLogProbabilities(body);
        SmolLM3RequestOptions more = SamplingReader.Read(body);
        more.Timeout = timeout;

        // The client reports none where 0 are asked for; the chosen ones come with 1.
        more.TopLogProbabilities = top is { } count ? Math.Max(1, count) : null;
        var options = new ChatOptions
        {
            ModelId = body.Text("model"),
            Seed = body.Integer("seed"),
            MaxOutputTokens = (int?)(body.Integer("max_completion_tokens", 1, int.MaxValue)
                ?? body.Integer("max_tokens", 1, int.MaxValue)),
            StopSequences = SamplingReader.ReadStops(body),
            Reasoning = ReasoningReader.Read(body),
            RawRepresentationFactory = _ => more,
        };
        FormatReader.Read(body, options, more);
        ToolReader.Read(body, options);
        return new ChatRequest(MessageReader.Read(body), options)
        {
            Choices = (int)(body.Integer("n", 1, MostChoices) ?? 1),
            Streams = body.Flag("stream") ?? false,
            TellsUsage = body.Object("stream_options")?.Flag("include_usage") ?? false,
            TopLogProbabilities = top,
        };
    }

    private static int? ReadLogProbabilities(JsonFields body)
    {
        bool wanted = body.Flag("logprobs") ?? false;
        int? top = (int?)body.Integer("top_logprobs", 0, MostTopLogProbabilities);
        return wanted ? top ?? 0
            : top is null or 0 ? null
            : throw ApiException.Invalid("top_logprobs needs logprobs to be true.", "top_logprobs");
    }

    private static void Refuse(JsonFields body)
    {
        foreach (string name in (string[])["functions", "function_call"])
        {
            if (body.Find(name) is not null)
            {
                throw body.Unsupported(name, $"{name} is out of use: send tools and tool_choice.");
            }
        }

        foreach (string name in (string[])["audio", "web_search_options"])
        {
            if (body.Find(name) is not null)
            {
                throw body.Unsupported(name, $"{name} is not supported: this model reads and writes text alone.");
            }
        }

        if (body.Find("modalities") is { } modalities
            && !(modalities.ValueKind == JsonValueKind.Array && modalities.EnumerateArray().All(IsText)))
        {
            throw body.Unsupported("modalities", "modalities may be [\"text\"] alone.");
        }
    }

    private static bool IsText(JsonElement modality) =>
        modality.ValueKind == JsonValueKind.String && modality.ValueEquals("text");
}
