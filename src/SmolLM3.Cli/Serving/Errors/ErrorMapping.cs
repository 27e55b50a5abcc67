using System.Text.Json;
using Microsoft.AspNetCore.Http;
using SmolLM3.Extensions;
using SmolLM3.Extensions.Chat;

namespace SmolLM3.Cli.Serving.Errors;

/// <summary>From what a request threw to what its sender is told.</summary>
internal static class ErrorMapping
{
    private const string TooLong = "context_length_exceeded";

    /// <summary>The error of an exception; for what nobody expected <see cref="ApiError.Internal"/>.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="settings">The server's.</param>
    /// <param name="prompt">The field of the request that has the prompt.</param>
    public static ApiError ToError(Exception exception, ServerSettings settings, string prompt) => exception switch
    {
        ApiException known => known.Error,
        UnknownModelException unknown => ApiError.UnknownModel(unknown.RequestedModelId, unknown.ServedModelId),
        PromptTooLongException far => ApiError.Invalid(
            $"The prompt has {far.PromptTokens} tokens, but this model's context holds {far.ContextLength}, prompt and "
            + "answer together. Shorten it, or offer fewer tools.",
            prompt,
            TooLong),
        CapacityExceededException => ApiError.Invalid(exception.Message, prompt, TooLong),
        SystemOverrideException or UnsupportedContentException => ApiError.Invalid(exception.Message, prompt),
        SmolLM3OverloadedException busy => ApiError.Busy(
            $"{busy.Requests} requests are in flight: {busy.MaxRunning} are computed at once, and {busy.MaxQueued} more may "
            + "wait. Try again later."),
        TimeoutException => ApiError.TimedOut(exception.Message),
        NotSupportedException => ApiError.Invalid(exception.Message, code: "unsupported_value"),
        ArgumentException argument => ApiError.Invalid(Sentence(argument), Field(argument)),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
            ApiError.TooLarge(settings.MaxBodyBytes),
        BadHttpRequestException bad => ApiError.Invalid(bad.Message) with { Status = bad.StatusCode },
        ObjectDisposedException or OperationCanceledException => ApiError.ShuttingDown,
        _ => ApiError.Internal,
    };

    // What is out of its range is named as the options name it; requests spell that in snake case.
    private static string? Field(ArgumentException exception) =>
        exception is ArgumentOutOfRangeException { ParamName: { } name } ? JsonNamingPolicy.SnakeCaseLower.ConvertName(name)
            : null;

    // Behind the first line stand the parameter and value as .NET writes them.
    private static string Sentence(ArgumentException exception)
    {
        string sentence = exception.ParamName is { } name
            ? exception.Message.Split($" (Parameter '{name}')")[0] : exception.Message;
        return Field(exception) is { } field ? sentence.Replace(exception.ParamName!, field) : sentence;
    }
}
