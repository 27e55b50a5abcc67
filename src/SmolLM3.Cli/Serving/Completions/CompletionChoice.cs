using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using SmolLM3.Cli.Serving.Chat;

namespace SmolLM3.Cli.Serving.Completions;

/// <summary>One answer to one prompt, whole or in parts, in OpenAI's old form with vLLM's additions.</summary>
/// <param name="request">What was asked.</param>
/// <param name="index">Which answer it is: those to the first prompt come first.</param>
/// <param name="prompt">The prompt.</param>
/// <param name="echo">What stands in front of it.</param>
internal sealed class CompletionChoice(CompletionRequest request, int index, IReadOnlyList<int> prompt, string echo)
{
    private bool _hasBegun;
    private int _offset;

    public IReadOnlyList<int> Prompt => prompt;

    /// <summary>How to go on: with a seed each answer to a prompt has its own, or all would be the same.</summary>
    public ChatOptions Options
    {
        get
        {
            ChatOptions options = request.Options.Clone();
            options.Seed += index % request.ChoicesOfPrompt;
            return options;
        }
    }

    /// <summary>What was counted so far of an answer in parts.</summary>
    public UsageDetails Usage { get; } = new();

    /// <summary>The answer, or its next part.</summary>
    /// <param name="text">What it says.</param>
    /// <param name="reason">Why it ends, or null.</param>
    /// <param name="properties">What came along with it.</param>
    public JsonObject ToJson(string text, ChatFinishReason? reason, AdditionalPropertiesDictionary? properties)
    {
        JsonObject json = new()
        {
            ["index"] = index,
            ["text"] = _hasBegun ? text : echo + text,
            ["logprobs"] = ToLists(properties),
            ["finish_reason"] = reason?.Value,
        };
        if (request.TellsTokens)
        {
            json["token_ids"] = ToArray(
                properties?.TryGetValue("token_ids", out int[]? ids) == true ? ids : []);
            if (!_hasBegun)
            {
                json["prompt_token_ids"] = ToArray(prompt);
            }
        }

        _hasBegun = true;
        return json;
    }

    private static JsonArray ToArray(IEnumerable<int> ids) => new([.. ids.Select(id => JsonValue.Create(id))]);

    private JsonObject? ToLists(AdditionalPropertiesDictionary? properties)
    {
        if (request.TopLogProbabilities is not { } top)
        {
            return null;
        }

        JsonArray tokens = [], values = [], tops = [], offsets = [];
        foreach (JsonElement token in LogProbabilities.TokensOf(properties))
        {
            tokens.Add(NameOf(token));
            values.Add(ValueOf(token));
            tops.Add(ToObject(token, top));
            offsets.Add(_offset);
            _offset += token.GetProperty("token").GetString()!.Length;
        }

        return new()
        {
            ["tokens"] = tokens, ["token_logprobs"] = values, ["top_logprobs"] = tops, ["text_offset"] = offsets,
        };
    }

    // Two tokens may look alike, as parts of characters do: the likelier comes first, and stays.
    private JsonObject ToObject(JsonElement token, int top)
    {
        JsonObject json = [];
        foreach (JsonElement rival in token.GetProperty("top_logprobs").EnumerateArray().Take(top))
        {
            json.TryAdd(NameOf(rival), ValueOf(rival));
        }

        return json;
    }

    private string NameOf(JsonElement token) => request.NamesTokensById
        ? $"token_id:{token.GetProperty("id").GetInt32()}"
        : token.GetProperty("token").GetString()!;

    private static double ValueOf(JsonElement token) => token.GetProperty("logprob").GetDouble();
}
