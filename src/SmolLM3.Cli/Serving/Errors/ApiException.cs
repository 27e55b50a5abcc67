namespace SmolLM3.Cli.Serving.Errors;

/// <summary>Ends a request with an error its sender is told.</summary>
/// <param name="error">What it is told.</param>
internal sealed class ApiException(ApiError error) : Exception(error.Message)
{
    public ApiError Error => error;

    public static ApiException Invalid(string message, string? parameter = null, string? code = null) =>
        new(ApiError.Invalid(message, parameter, code));
}
