using System.Text.Json;
using Microsoft.Extensions.Options;
using SmolLM3.Extensions;
using SmolLM3.Extensions.Chat;

namespace SmolLM3.Cli;

/// <summary>Turns what a user can mend into one line on standard error; anything else is a bug and keeps its trace.</summary>
internal static class UserErrors
{
    /// <summary>The exit code of a mistake in the input, beside 0 for success and 130 for Ctrl-C.</summary>
    private const int Failure = 1;
    private const int Interrupted = 130;

    public static async Task<int> RunAsync(Func<Task<int>> command)
    {
        try
        {
            return await command();
        }
        catch (OperationCanceledException)
        {
            return Interrupted;
        }
        catch (Exception e) when (IsUserError(e))
        {
            await Console.Error.WriteLineAsync($"smollm3: {e.Message}");
            return Failure;
        }
    }

    /// <summary>Whether a user can mend it.</summary>
    public static bool IsUserError(Exception e) => e is
        IOException or UnauthorizedAccessException or InsufficientMemoryException or JsonException
        or FormatException or ArgumentException or NotSupportedException or OptionsValidationException
        or PromptTooLongException or SystemOverrideException or CapacityExceededException or UnknownModelException
        or InvalidLogitsException;
}
