using System.Text.Json.Nodes;

namespace SmolLM3.Cli.Serving.Errors;

/// <summary>An error in OpenAI's form.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Type">Its kind.</param>
/// <param name="Code">What exactly, for programs; null: the status says it.</param>
/// <param name="Message">What is wrong, and what to do.</param>
/// <param name="Parameter">The field of the request that is wrong, or null.</param>
internal sealed record ApiError(int Status, string Type, string? Code, string Message, string? Parameter = null)
{
    private const string BadRequest = "invalid_request_error";

    /// <summary>After how many seconds to try again, or null.</summary>
    public int? RetryAfter { get; init; }

    public static ApiError Invalid(string message, string? parameter = null, string? code = null) =>
        new(400, BadRequest, code, message, parameter);

    public static ApiError NoKey { get; } = new(
        401, BadRequest, "invalid_api_key", "A valid API key is required: send the header Authorization: Bearer KEY.");

    public static ApiError UnknownModel(string asked, string served) => new(
        404, BadRequest, "model_not_found", $"There is no model '{asked}' here; '{served}' is served.", "model");

    public static ApiError TooLarge(long bytes) => new(
        413, BadRequest, "request_too_large", $"The body has more than the {bytes} bytes that are allowed.");

    public static ApiError NoJson { get; } = new(
        415, BadRequest, "unsupported_media_type",
        "The body must be JSON, not compressed: send the header Content-Type: application/json.");

    public static ApiError BodyTimedOut(TimeSpan limit) =>
        new(408, BadRequest, "request_timeout", $"The body did not come within {limit.TotalSeconds} seconds.");

    public static ApiError Busy(string message) =>
        new(429, "rate_limit_error", "overloaded", message) { RetryAfter = 1 };

    public static ApiError TooManyRequests(int perMinute, int retryAfter) => new(
        429, "rate_limit_error", "rate_limit_exceeded", $"{perMinute} requests a minute are allowed.")
    {
        RetryAfter = retryAfter,
    };

    public static ApiError Internal { get; } = new(
        500, "server_error", "internal_error", "Something went wrong in the server; its log says what.");

    public static ApiError Loading(string model) =>
        new(503, "server_error", "model_loading", $"The model '{model}' is being loaded; try again soon.") { RetryAfter = 1 };

    public static ApiError ShuttingDown { get; } = new(
        503, "server_error", "server_shutting_down", "The server is shutting down, and ended this answer before it was whole.");

    public static ApiError TimedOut(string message) => new(504, "server_error", "timeout", message);

    /// <summary>What a status says by itself.</summary>
    public static ApiError Of(int status) => status switch
    {
        404 => new(404, BadRequest, "unknown_url", "There is nothing at this address; docs/server.md lists what there is."),
        405 => new(405, BadRequest, "method_not_allowed", "This address does not take this method."),
        400 => new(400, BadRequest, "bad_request", "The request is malformed, or its Host header names another server."),
        >= 500 => Internal with { Status = status },
        _ => new(status, BadRequest, null, $"The request was refused with status {status}."),
    };

    /// <summary><c>{"error": {"message", "type", "param", "code"}}</c>.</summary>
    public JsonObject ToJson() => new()
    {
        ["error"] = new JsonObject
        {
            ["message"] = Message,
            ["type"] = Type,
            ["param"] = Parameter,
            ["code"] = Code,
        },
    };
}
