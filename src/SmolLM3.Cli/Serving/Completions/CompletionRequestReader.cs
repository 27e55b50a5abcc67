using System.Text.Json;
using Microsoft.Extensions.AI;
using SmolLM3.Cli.Serving.Chat;
using SmolLM3.Cli.Serving.Errors;
using SmolLM3.Extensions;

namespace SmolLM3.Cli.Serving.Completions;

/// <summary>Reads a body of <c>/v1/completions</c>: OpenAI's fields, and those of vLLM's that have a meaning here.</summary>
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
        more.ReturnTokenIds = body.Flag("return_token_ids");
        var options = new ChatOptions
        {
            ModelId = body.Text("model"),
            Seed = body.Integer("seed"),
            MaxOutputTokens = (int)(body.Integer("max_tokens", 1, int.MaxValue) ?? DefaultTokens),
            StopSequences = SamplingReader.ReadStops(body),
            RawRepresentationFactory = _ => more,
        };
        FormatReader.Read(body, options, more);
        CompletionPrompt[] prompts = ReadPrompts(body);
        return new CompletionRequest(prompts, options)
        {
            ChoicesOfPrompt = ReadChoices(body, prompts.Length),
            Streams = body.Flag("stream") ?? false,
            TellsUsage = body.Object("stream_options")?.Flag("include_usage") ?? false,
            Echoes = echoes,
            TopLogProbabilities = top,
            NamesTokensById = body.Flag("return_tokens_as_token_ids") ?? false,
            TellsTokens = more.ReturnTokenIds ?? false,
        };
    }

    private static int ReadChoices(JsonFields body, int prompts)
    {
        int choices = (int)(body.Integer("n", 1, MostChoices) ?? 1);
        return choices * prompts <= MostChoices ? choices : throw ApiException.Invalid(
            $"{prompts} prompts with {choices} answers each are more than the {MostChoices} answers of one request.",
            prompts > MostChoices ? "prompt" : "n");
    }

    private static CompletionPrompt[] ReadPrompts(JsonFields body)
    {
        const string wanted = "a text, a list of token ids, or a list of such prompts, none of them empty";
        JsonElement prompt = body.Find("prompt") ?? throw body.Wrong("prompt", wanted);
        if (TryReadPrompt(prompt, out CompletionPrompt only))
        {
            return [only];
        }

        return prompt.ValueKind == JsonValueKind.Array && prompt.GetArrayLength() > 0
            ? [.. prompt.EnumerateArray().Select(item => TryReadPrompt(item, out CompletionPrompt one)
                ? one : throw body.Wrong("prompt", wanted))]
            : throw body.Wrong("prompt", wanted);
    }

    private static bool TryReadPrompt(JsonElement json, out CompletionPrompt prompt)
    {
        prompt = json.ValueKind switch
        {
            JsonValueKind.String => new(json.GetString()!, null),
            JsonValueKind.Array when JsonFields.TryReadIds(json, out int[] ids) => new(null, ids),
            _ => default,
        };
        return prompt.Text is not (null or "") || prompt.Tokens is { Count: > 0 };
    }
}
