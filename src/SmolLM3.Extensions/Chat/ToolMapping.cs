using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace SmolLM3.Extensions.Chat;

/// <summary>From AI tools to the dictionaries the model card shows: <c>{"name", "description",
/// "parameters"}</c>.</summary>
internal static class ToolMapping
{
    // As deep as a writer of JSON goes; a reader by itself takes 64, and the schema stands one level in.
    private const int MostDepth = 1000;

    /// <summary>Settles the tools of a request. Hosted tools other than the code interpreter are left out.</summary>
    /// <param name="options">What the request asks for.</param>
    /// <param name="pythonFunctions">Whether functions are called from code.</param>
    /// <exception cref="ArgumentException">A tool is null, a call is required of one that is not there, a function
    /// cannot be called from Python, or a schema is nested too deep.</exception>
    /// <exception cref="NotSupportedException">A call from code is required of one function.</exception>
    public static ToolSettings ToSettings(ChatOptions? options, bool pythonFunctions)
    {
        IList<AITool> given = options?.Tools ?? [];
        if (given.IndexOf(null!) is >= 0 and int missing)
        {
            throw new ArgumentException($"Tool {missing} of ChatOptions.Tools is null.", nameof(options));
        }

        List<AIFunctionDeclaration> functions = [.. given.Select(AsFunction).OfType<AIFunctionDeclaration>()];
        string? interpreter = given.Select(AsCodeInterpreter).FirstOrDefault(tool => tool is not null)?.Name;
        bool fromCode = pythonFunctions && functions.Count > 0;
        ToolSettings all = new()
        {
            Tools = fromCode ? [] : [.. functions.Select(ToPrompt)],
            Python = fromCode ? [.. functions.Select(PythonSignature.Of)] : interpreter is not null ? [] : null,
            Choice = ToolChoice.Auto,
        };
        all = all with { Callable = all.Tools, MayCode = all.Python is not null };
        switch (options?.ToolMode)
        {
            case NoneChatToolMode:
                return all with { Choice = ToolChoice.None, Callable = [], MayCode = false };
            case RequiredChatToolMode { RequiredFunctionName: { } name } when name == interpreter:
                return all with { Choice = ToolChoice.Required, Callable = [] };
            case RequiredChatToolMode { RequiredFunctionName: { } name } when functions.Exists(f => f.Name == name):
                return !fromCode
                    ? all with
                    {
                        Choice = ToolChoice.Required,
                        Callable = [.. all.Tools.Where((_, i) => functions[i].Name == name)],
                        MayCode = false,
                    }
                    : throw new NotSupportedException(
                        $"ChatOptions.ToolMode requires the tool '{name}', but with PythonFunctions it is called from "
                        + "code, of which no call can be required. Require any tool, or leave PythonFunctions off.");
            case RequiredChatToolMode { RequiredFunctionName: { } name }:
                throw new ArgumentException(
                    $"ChatOptions.ToolMode requires the tool '{name}', but ChatOptions.Tools "
                    + (functions.Count == 0 ? "has no functions." : $"has only {Names(functions)}."),
                    nameof(options));
            case RequiredChatToolMode:
                return functions.Count > 0 || all.MayCode
                    ? all with { Choice = ToolChoice.Required }
                    : throw new ArgumentException(
                        "ChatOptions.ToolMode requires a call, but ChatOptions.Tools has no functions.",
                        nameof(options));
            default:
                return functions.Count > 0 || all.MayCode ? all : all with { Choice = ToolChoice.None };
        }
    }

    /// <summary>Whether this model can be told of a tool. Hosted tools run on somebody else's server.</summary>
    public static bool IsKnown(AITool tool) => AsFunction(tool) is not null || AsCodeInterpreter(tool) is not null;

    private static HostedCodeInterpreterTool? AsCodeInterpreter(AITool tool) =>
        tool as HostedCodeInterpreterTool ?? tool.GetService<HostedCodeInterpreterTool>();

    private static AIFunctionDeclaration? AsFunction(AITool tool) =>
        tool as AIFunctionDeclaration ?? tool.GetService<AIFunctionDeclaration>();

    private static JsonElement ToPrompt(AIFunctionDeclaration function)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("name", function.Name);
            writer.WriteString("description", function.Description);
            writer.WritePropertyName("parameters");
            if (function.JsonSchema.ValueKind == JsonValueKind.Object)
            {
                WriteSchema(function, writer);
            }
            else
            {
                writer.WriteRawValue("""{"type":"object","properties":{}}""");
            }

            writer.WriteEndObject();
        }

        Utf8JsonReader reader = new(buffer.WrittenSpan, new JsonReaderOptions { MaxDepth = MostDepth });
        return JsonElement.ParseValue(ref reader);
    }

    private static void WriteSchema(AIFunctionDeclaration function, Utf8JsonWriter writer)
    {
        try
        {
            function.JsonSchema.WriteTo(writer);
        }
        catch (InvalidOperationException error) when (writer.CurrentDepth >= MostDepth)
        {
            throw new ArgumentException(
                $"The schema of the tool '{function.Name}' is nested too deep: {MostDepth - 1} levels are allowed.", error);
        }
    }

    private static string Names(IEnumerable<AIFunctionDeclaration> functions) =>
        string.Join(", ", functions.Select(f => $"'{f.Name}'"));
}
