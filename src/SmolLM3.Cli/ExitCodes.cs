using System.CommandLine;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Options;
using SmolLM3.Extensions;
using SmolLM3.Extensions.Chat;

namespace SmolLM3.Cli;

/// <summary>How a command ends: 0 where it did what it was told, else one of these. What a user can mend is one line on
/// standard error; anything else is a fault of the program and keeps its trace.</summary>
internal static class ExitCodes
{
    /// <summary>A mistake in the input.</summary>
    public const int Mistake = 1;

    /// <summary>A fault of the program; <c>EX_SOFTWARE</c> of sysexits.h.</summary>
    public const int Fault = 70;

    /// <summary>Ctrl-C: 128 and the signal, as shells count.</summary>
    public const int Interrupted = 130;

    /// <summary>Told to terminate.</summary>
    public const int Terminated = 143;

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
        catch (Exception e) when (IsMistake(e))
        {
            await Console.Error.WriteLineAsync($"smollm3: {e.Message}");
            return Mistake;
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync($"smollm3: a fault of the program, please report it: {e}");
            return Fault;
        }
    }

    /// <summary>Tells in one line what a command line cannot mean.</summary>
    public static int Misread(ParseResult line)
    {
        string command = line.CommandResult.Command is RootCommand ? "" : line.CommandResult.Command.Name + " ";
        Console.Error.WriteLine(
            $"smollm3: {string.Join(' ', line.Errors.Select(error => error.Message))} See smollm3 {command}--help.");
        return Mistake;
    }

    /// <summary>Whether a user can mend it.</summary>
    public static bool IsMistake(Exception e) => e is
        IOException or UnauthorizedAccessException or InsufficientMemoryException or JsonException
        or FormatException or ArgumentException or NotSupportedException or OptionsValidationException or SocketException
        or PromptTooLongException or SystemOverrideException or CapacityExceededException or UnknownModelException
        or InvalidLogitsException;
}
