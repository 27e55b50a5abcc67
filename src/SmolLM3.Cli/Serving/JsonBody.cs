using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using SmolLM3.Cli.Serving.Errors;

namespace SmolLM3.Cli.Serving;

/// <summary>Bodies of requests and responses.</summary>
internal static class JsonBody
{
    /// <summary>Letters as they are: answers are text in many scripts, and no HTML.</summary>
    public static readonly JsonSerializerOptions Compact = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly byte[] s_byteOrderMark = [0xEF, 0xBB, 0xBF];

    // Schemas of tools nest; what goes deeper than this is no schema somebody wrote.
    private static readonly JsonDocumentOptions s_reading = new() { MaxDepth = 256 };

    /// <summary>Reads the body of a request.</summary>
    /// <remarks>The content type must say JSON: a foreign web page cannot send that without being asked for leave, but
    /// can send plain text to this machine.</remarks>
    /// <exception cref="ApiException">It is no JSON object.</exception>
    public static async Task<JsonElement> ReadAsync(HttpRequest request)
    {
        if (!request.HasJsonContentType() || request.Headers.ContentEncoding.Count > 0)
        {
            throw new ApiException(ApiError.NoJson);
        }

        using var body = new MemoryStream();
        await CopyAsync(request, body);
        ReadOnlyMemory<byte> utf8 = body.GetBuffer().AsMemory(0, (int)body.Length);
        utf8 = utf8.Span.StartsWith(s_byteOrderMark) ? utf8[s_byteOrderMark.Length..] : utf8;
        if (!Utf8.IsValid(utf8.Span))
        {
            throw ApiException.Invalid("The body is not UTF-8.");
        }

        try
        {
            RefuseHalfCharacters(utf8.Span);
            using JsonDocument document = JsonDocument.Parse(utf8, s_reading);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw ApiException.Invalid("The body must be a JSON object.");
        }
        catch (JsonException exception)
        {
            throw ApiException.Invalid($"The body is not JSON: {exception.Message}");
        }
    }

    private static async Task CopyAsync(HttpRequest request, MemoryStream body)
    {
        TimeSpan most = request.HttpContext.RequestServices.GetRequiredService<ServerSettings>().BodyTimeout;
        using var late = CancellationTokenSource.CreateLinkedTokenSource(request.HttpContext.RequestAborted);
        late.CancelAfter(most);
        try
        {
            await request.Body.CopyToAsync(body, late.Token);
        }
        catch (OperationCanceledException) when (!request.HttpContext.RequestAborted.IsCancellationRequested)
        {
            throw new ApiException(ApiError.BodyTimedOut(most));
        }
    }

    // An escape such as \ud800 is half a character: no text can hold it, and nothing the model could read.
    private static void RefuseHalfCharacters(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = s_reading.MaxDepth });
        try
        {
            while (reader.Read())
            {
                _ = reader.ValueIsEscaped ? reader.GetString() : null;
            }
        }
        catch (InvalidOperationException)
        {
            throw ApiException.Invalid($"At byte {reader.TokenStartIndex} is an escape that stands for no character.");
        }
    }

    /// <summary>Writes an error and its status.</summary>
    public static Task WriteAsync(HttpContext context, ApiError error)
    {
        HttpResponse response = context.Response;
        response.StatusCode = error.Status;
        if (error.RetryAfter is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        if (error.Status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        return WriteAsync(context, error.ToJson());
    }

    /// <summary>Writes a response.</summary>
    public static Task WriteAsync(HttpContext context, JsonObject json)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return context.Response.Body.WriteAsync(ToUtf8(json), context.RequestAborted).AsTask();
    }

    public static byte[] ToUtf8(JsonObject json) => JsonSerializer.SerializeToUtf8Bytes<JsonNode>(json, Compact);
}
