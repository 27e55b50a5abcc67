using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace SmolLM3.Extensions.Remote.Servers;

/// <summary>Says what is wrong with a server.</summary>
internal static class ServerErrors
{
    /// <summary>What a response of an error means.</summary>
    public static async Task<Exception> FromResponseAsync(
        Uri endpoint, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        string text = await ReadAsync(response, cancellationToken).ConfigureAwait(false);
        JsonElement? error = Parse(text);
        return error is { ValueKind: JsonValueKind.Object } details && TooLong(details) is { } tooLong
            ? tooLong
            : FromStatus(endpoint, response.StatusCode, Message(error) ?? text);
    }

    /// <summary>What a message of a stream means that is an error; null: it is none.</summary>
    public static Exception? FromMessage(Uri endpoint, JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.Object || !message.TryGetProperty("error", out JsonElement error)
            || error.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        int code = error.ValueKind == JsonValueKind.Object && error.TryGetProperty("code", out JsonElement value)
            && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int given)
            ? given
            : (int)HttpStatusCode.InternalServerError;
        return FromStatus(endpoint, (HttpStatusCode)code, Message(error) ?? error.GetRawText());
    }

    /// <summary>A server that could not be reached, or whose answer could not be read.</summary>
    public static ServerException Unreachable(Uri endpoint, Exception cause) => new(
        endpoint, $"{endpoint} could not be reached, or broke the connection: {cause.Message}", cause)
    {
        IsTransient = true,
    };

    /// <summary>A server that is silent.</summary>
    public static ServerException Silent(Uri endpoint, TimeSpan waited, string option) => new(
        endpoint, $"{endpoint} was silent for {waited}. If that is no fault of it, raise ServerOptions.{option}.")
    {
        IsTransient = true,
    };

    /// <summary>A server whose messages make no sense.</summary>
    public static ServerException Unreadable(Uri endpoint, Exception cause) => new(
        endpoint,
        $"{endpoint} sent what its interface does not say: {cause.Message} Check that it is what ServerOptions.Kind says, "
        + "and that nothing stands in between.",
        cause)
    {
        IsTransient = true,
    };

    /// <summary>A stream that ended too soon.</summary>
    public static ServerException Cut(Uri endpoint) => new(
        endpoint, $"{endpoint} ended the connection before the answer was complete.") { IsTransient = true };

    // Whatever character set it claims, and no more than an error may have. Some repeat the key they refuse.
    private static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Headers.Location is { } other)
        {
            return $"a redirect to {other}. Prompts are sent where you say alone: name that address if it is the server's.";
        }

        byte[] bytes = new byte[ServerDefaults.MostErrorBytes];
        Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable reading = body.ConfigureAwait(false);
        int length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken)
            .ConfigureAwait(false);
        string text = Encoding.UTF8.GetString(bytes, 0, length);
        return response.RequestMessage?.Headers.Authorization?.Parameter is { Length: > 0 } key
            ? text.Replace(key, "***", StringComparison.Ordinal) : text;
    }

    private static ServerException FromStatus(Uri endpoint, HttpStatusCode status, string text)
    {
        string what = text.Length <= ServerDefaults.MostErrorText ? text : text[..ServerDefaults.MostErrorText] + "…";
        string hint = status switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => " Set ServerOptions.ApiKey to a key it accepts.",
            HttpStatusCode.NotFound => " Check the address, and ServerOptions.Model.",
            HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable => " It has too much to do: try again later.",
            _ => "",
        };
        return new ServerException(endpoint, $"{endpoint} answered {(int)status}: {what.Trim()}{hint}")
        {
            StatusCode = status,
            IsTransient = status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
                || status >= HttpStatusCode.InternalServerError,
        };
    }

    // llama-server says the numbers.
    private static PromptTooLongException? TooLong(JsonElement error) =>
        error.TryGetProperty("n_prompt_tokens", out JsonElement prompt)
        && error.TryGetProperty("n_ctx", out JsonElement context)
        && prompt.ValueKind == JsonValueKind.Number && prompt.TryGetInt32(out int tokens)
        && context.ValueKind == JsonValueKind.Number && context.TryGetInt32(out int most)
            ? new PromptTooLongException(tokens, most)
            : null;

    private static string? Message(JsonElement? error) => error switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Object } value when value.TryGetProperty("message", out JsonElement message)
            && message.ValueKind == JsonValueKind.String => message.GetString(),
        _ => null,
    };

    // {"error": {"message": …}}, or, by older vLLM, the inner object alone.
    private static JsonElement? Parse(string text)
    {
        try
        {
            JsonElement root = JsonElement.Parse(text);
            return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("error", out JsonElement error) ? error : root;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
