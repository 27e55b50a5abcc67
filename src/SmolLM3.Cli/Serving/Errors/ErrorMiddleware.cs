using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace SmolLM3.Cli.Serving.Errors;

/// <summary>Tells every error in OpenAI's form: what was thrown, and what is a status without a body.</summary>
internal sealed partial class ErrorMiddleware(ServerSettings settings, ILogger<ErrorMiddleware> logger) : IMiddleware
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be told.
            return;
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            await JsonBody.WriteAsync(context, ToError(context, exception));
            return;
        }

        HttpResponse response = context.Response;
        if (!response.HasStarted && response is { StatusCode: >= 400, ContentLength: null, ContentType: null })
        {
            await JsonBody.WriteAsync(context, ApiError.Of(response.StatusCode));
        }
    }

    /// <summary>What the sender is told; what is the server's fault is logged.</summary>
    public ApiError ToError(HttpContext context, Exception exception)
    {
        ApiError error = ErrorMapping.ToError(
            exception, settings, prompt: context.Request.Path == "/v1/completions" ? "prompt" : "messages");
        if (error == ApiError.Internal)
        {
            Failed(exception);
        }

        return error;
    }

    [LoggerMessage(LogLevel.Error, "A request failed.")]
    private partial void Failed(Exception exception);
}
