using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Remote.Servers;

/// <summary>Finds out what a server is and what it serves, and refuses what is not the client's model.</summary>
/// <param name="http">Sends to the server.</param>
/// <param name="options">How it is asked.</param>
/// <param name="tokenizer">The client's.</param>
/// <param name="logger">Where it logs.</param>
/// <param name="time">What tells the time.</param>
internal sealed class ServerProbe(
    HttpClient http, ServerOptions options, Tokenizer tokenizer, ILogger logger, TimeProvider time)
{
    // Words of several languages, numbers, blanks and code: tokenizers that agree here are the same for what follows.
    private const string ProbeText =
        "SmolLM3 reads: Grüße, 你好, привет! 12345 + 678 = 13023?\n\n\tif (x >= 10) { return \"it's\"; }  \n🙂";

    private Uri Address => http.BaseAddress!;

    /// <summary>Asks.</summary>
    /// <exception cref="ServerMismatchException">It serves another model.</exception>
    /// <exception cref="ServerException">It could not be asked.</exception>
    public async Task<ServerFacts> AskAsync(CancellationToken cancellationToken)
    {
        using SilenceTimer silence = new(options.ConnectTimeout, options.ConnectTimeout, time, cancellationToken);
        try
        {
            ServerFacts facts = await AskCoreAsync(silence.Token).ConfigureAwait(false);
            logger.Found(Address, facts.Kind, facts.Version, facts.Model, facts.ContextLength ?? 0);
            return facts;
        }
        catch (OperationCanceledException) when (silence.IsOver)
        {
            throw ServerErrors.Silent(Address, options.ConnectTimeout, nameof(ServerOptions.ConnectTimeout));
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw ServerErrors.Unreachable(Address, error);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException
            or FormatException)
        {
            throw ServerErrors.Unreadable(Address, error);
        }
    }

    private async Task<ServerFacts> AskCoreAsync(CancellationToken cancellationToken)
    {
        JsonElement[] models = [.. (await GetAsync("v1/models", cancellationToken).ConfigureAwait(false))
            .GetProperty("data").EnumerateArray()];
        JsonElement model = Choose(models);
        string name = model.GetProperty("id").GetString()!;
        ServerFacts facts = (options.Kind ?? KindOf(model)) switch
        {
            ServerKind.LlamaServer => await LlamaServerAsync(name, model, cancellationToken).ConfigureAwait(false),
            (ServerKind.Vllm or ServerKind.SmolLM3Serve) and var kind =>
                await VllmAsync(kind, name, model, models, cancellationToken).ConfigureAwait(false),
            _ => new ServerFacts(
                ServerKind.Other, "", name, Number(model, "max_model_len"), [],
                new OpenAIDialect(new(tokenizer), name, [], OpenAIForms.None)),
        };
        await CompareTokensAsync(facts, cancellationToken).ConfigureAwait(false);
        return facts;
    }

    private JsonElement Choose(JsonElement[] models)
    {
        // vLLM lists adapters as models whose parent is the base model.
        JsonElement found = options.Model is { } wanted
            ? Array.Find(models, model => model.GetProperty("id").GetString() == wanted)
            : Array.Find(models, model => Text(model, "parent") is null);
        string[] names = [.. models.Select(model => $"'{Text(model, "id")}'")];
        return found.ValueKind != JsonValueKind.Undefined ? found : throw new ServerMismatchException(
            Address,
            $"{Address} serves {(names.Length == 0 ? "no model" : string.Join(", ", names))}, not "
            + $"{(options.Model is null ? "a model of its own" : $"'{options.Model}'")}. Set ServerOptions.Model to what it "
            + "serves, or start it with SmolLM3.");
    }

    private static ServerKind KindOf(JsonElement model) => Text(model, "owned_by") switch
    {
        "llamacpp" => ServerKind.LlamaServer,
        "vllm" => ServerKind.Vllm,
        "smollm3" => ServerKind.SmolLM3Serve,
        _ => ServerKind.Other,
    };

    private async Task<ServerFacts> LlamaServerAsync(string name, JsonElement model, CancellationToken cancellationToken)
    {
        JsonElement meta = model.TryGetProperty("meta", out JsonElement given) ? given : default;
        int? rows = Number(meta, "n_vocab");
        if (rows is { } count && count != tokenizer.VocabularySize)
        {
            throw new ServerMismatchException(
                Address,
                $"{Address} serves '{name}' with a vocabulary of {count} tokens, but the client's tokenizer has "
                + $"{tokenizer.VocabularySize}. Give both the same model.");
        }

        JsonElement props = await GetAsync("props", cancellationToken).ConfigureAwait(false);
        int context = Number(props.GetProperty("default_generation_settings"), "n_ctx")
            ?? throw new KeyNotFoundException("/props does not say n_ctx");
        string[] adapters = [.. (await TryAsync(HttpMethod.Get, "lora-adapters", null, cancellationToken)
            .ConfigureAwait(false))?.EnumerateArray()
            .OrderBy(adapter => adapter.GetProperty("id").GetInt32())
            .Select(adapter => Path.GetFileNameWithoutExtension(adapter.GetProperty("path").GetString()!)) ?? []];
        return new ServerFacts(
            ServerKind.LlamaServer,
            Text(props, "build_info") ?? "",
            name,
            context,
            adapters,
            new LlamaServerDialect(new(tokenizer), adapters.Length))
        {
            Parameters = meta.ValueKind == JsonValueKind.Object && meta.TryGetProperty("n_params", out JsonElement weights)
                ? weights.GetInt64()
                : 0,
        };
    }

    private async Task<ServerFacts> VllmAsync(
        ServerKind kind, string name, JsonElement model, JsonElement[] models, CancellationToken cancellationToken)
    {
        string version = await TryAsync(HttpMethod.Get, "version", null, cancellationToken).ConfigureAwait(false) is { } said
            ? Text(said, "version") ?? ""
            : "";
        string[] adapters = [.. models.Where(each => Text(each, "parent") is not null)
            .Select(adapter => adapter.GetProperty("id").GetString()!)];
        return new ServerFacts(
            kind,
            version,
            name,
            Number(model, "max_model_len"),
            adapters,
            new OpenAIDialect(
                new(tokenizer),
                name,
                adapters,
                kind == ServerKind.Vllm && IsBefore(version, 0, 11) ? OpenAIForms.Guided : OpenAIForms.StructuredOutputs));
    }

    // "0.10.2", "0.11.1rc2.dev17+gabc"; what is no such number is taken for new.
    private static bool IsBefore(string version, int major, int minor)
    {
        string[] parts = version.Split('.');
        return parts.Length >= 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int first)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int second)
            && (first, second).CompareTo((major, minor)) < 0;
    }

    private async Task CompareTokensAsync(ServerFacts facts, CancellationToken cancellationToken)
    {
        JsonObject body = facts.Kind == ServerKind.LlamaServer
            ? new() { ["content"] = ProbeText, ["add_special"] = false, ["parse_special"] = false }
            : new() { ["model"] = facts.Model, ["prompt"] = ProbeText, ["add_special_tokens"] = false };
        if (await TryAsync(HttpMethod.Post, "tokenize", body, cancellationToken).ConfigureAwait(false) is not { } answer
            || !answer.TryGetProperty("tokens", out JsonElement tokens))
        {
            logger.IsNotProbed(Address);
            return;
        }

        if (!tokens.EnumerateArray().Select(token => token.GetInt32()).SequenceEqual(tokenizer.Encode(ProbeText)))
        {
            throw new ServerMismatchException(
                Address,
                $"{Address} serves '{facts.Model}', whose tokenizer makes other tokens of a text than the client's. Give both "
                + "the same model: SmolLM3Options.Model or ServerOptions.TokenizerFile is the client's.");
        }
    }

    private async Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await http.GetAsync(path, cancellationToken).ConfigureAwait(false);
        return response.IsSuccessStatusCode
            ? await response.Content.ReadFromJsonAsync(RemoteJson.Default.JsonElement, cancellationToken).ConfigureAwait(false)
            : throw await ServerErrors.FromResponseAsync(Address, response, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks for what not every server has; null: it has not.</summary>
    private async Task<JsonElement?> TryAsync(
        HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(method, path)
        {
            Content = body is null ? null : JsonContent.Create(body, RemoteJson.Default.JsonObject),
        };
        using HttpResponseMessage response = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented)
        {
            return null;
        }

        return response.IsSuccessStatusCode
            ? await response.Content.ReadFromJsonAsync(RemoteJson.Default.JsonElement, cancellationToken).ConfigureAwait(false)
            : throw await ServerErrors.FromResponseAsync(Address, response, cancellationToken).ConfigureAwait(false);
    }

    private static int? Number(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value)
        && value.ValueKind == JsonValueKind.Number ? value.GetInt32() : null;

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
