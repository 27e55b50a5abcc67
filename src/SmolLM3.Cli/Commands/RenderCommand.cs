using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using SmolLM3.Extensions.Chat;

namespace SmolLM3.Cli.Commands;

/// <summary><c>smollm3 render</c>: the exact prompt the model would be given.</summary>
internal static class RenderCommand
{
    private const string DateFormat = "yyyy-MM-dd";

    public static Command Create()
    {
        var messages = new Option<FileInfo>("--messages")
        {
            Description = "Messages in OpenAI's chat form, a JSON array.", HelpName = "FILE", Required = true,
        };
        var tools = Dictionaries("--tools", "Tools, a JSON array of dictionaries, each rendered as it is given.");
        var pythonTools = Dictionaries("--python-tools", "Tools to be called from Python code, likewise.");
        var date = new Option<string>("--date")
        {
            Description = "The date the prompt names; default: today.", HelpName = "YYYY-MM-DD",
        };
        var command = new Command("render", "Writes the prompt of a conversation, with no newline added.")
        {
            messages, tools, pythonTools, date,
        };
        (Option<bool> think, Option<bool> noThink) = Arguments.Mode(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var request = new PromptRequest
            {
                Messages = OpenAIMessages.Parse(await ReadArrayAsync(result.GetRequiredValue(messages), cancellationToken)),
                Tools = await ReadArrayAsync(result.GetValue(tools), cancellationToken),
                PythonTools = result.GetValue(pythonTools) is { } functions
                    ? await ReadArrayAsync(functions, cancellationToken)
                    : null,

                // Neither flag: the template's own default, which is to think.
                EnableThinking = !result.GetValue(noThink),
                Today = ParseDate(result.GetValue(date)),
            };
            byte[] prompt = Encoding.UTF8.GetBytes(ChatTemplate.Render(request).ToText());
            await using Stream output = Console.OpenStandardOutput();
            await output.WriteAsync(prompt, cancellationToken);
            return 0;
        });
        return command;
    }

    private static Option<FileInfo?> Dictionaries(string name, string description) =>
        new(name) { Description = description, HelpName = "FILE" };

    private static DateOnly ParseDate(string? text)
    {
        if (text is null)
        {
            return DateOnly.FromDateTime(TimeProvider.System.GetLocalNow().DateTime);
        }

        return DateOnly.TryParseExact(text, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly date)
            ? date
            : throw new FormatException($"'{text}' is no date: --date wants YYYY-MM-DD, such as 2025-07-08.");
    }

    private static async Task<IReadOnlyList<JsonElement>> ReadArrayAsync(FileInfo? file, CancellationToken cancellationToken)
    {
        if (file is null)
        {
            return [];
        }

        JsonElement root = await JsonFile.ReadAsync<JsonElement>(file, cancellationToken);
        return root.ValueKind == JsonValueKind.Array
            ? [.. root.EnumerateArray()]
            : throw new FormatException($"'{file.Name}' holds a JSON {root.ValueKind}; an array is wanted.");
    }
}
