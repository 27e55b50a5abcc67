using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;

namespace SmolLM3.Extensions.SemanticKernel;

/// <summary>The functions of a request under their two names: the kernel's, of plugin and function, and the one the
/// model is told.</summary>
/// <param name="tools">The tools of the request.</param>
/// <exception cref="ArgumentException">The model would be told of two functions by one name.</exception>
internal sealed class KernelTools(IEnumerable<AITool>? tools)
{
    // How the kernel joins both when it describes a function as a tool.
    private const char Separator = '_';

    private readonly KernelFunction[] _functions = RequireNames([.. (tools ?? []).OfType<KernelFunction>()]);

    /// <summary>Plugin and function of a name the model wrote; the name as it is where it was not offered.</summary>
    public (string? Plugin, string Function) Split(string toolName) =>
        Array.Find(_functions, function => ToolName(function) == toolName) is { } found
            ? (found.PluginName, found.Name)
            : (null, toolName);

    /// <summary>The name the model is told.</summary>
    public string Join(string? plugin, string function) =>
        Array.Find(_functions, f => f.Name == function && f.PluginName == plugin) is { } found ? ToolName(found)
            : string.IsNullOrEmpty(plugin) ? function
            : $"{plugin}{Separator}{function}";

    /// <summary>The name the model is told of a function that a setting names.</summary>
    /// <exception cref="ArgumentException">None, or more than one, is named so.</exception>
    public string FindName(string name)
    {
        KernelFunction[] found = Array.FindAll(
            _functions,
            f => name == ToolName(f) || name == $"{f.PluginName}-{f.Name}" || name == $"{f.PluginName}.{f.Name}");
        found = found.Length > 0 ? found : Array.FindAll(_functions, f => f.Name == name);
        return found switch
        {
            [{ } only] => ToolName(only),
            [] => throw new ArgumentException(
                $"The settings require a call of '{name}', but "
                + (_functions.Length == 0 ? "offer no functions." : $"offer only {List(_functions)}.")),
            _ => throw new ArgumentException(
                $"The settings require a call of '{name}', which may be any of {List(found)}."),
        };
    }

    // Of A_B-C and A-B_C both are A_B_C: a call of one would run the other.
    private static KernelFunction[] RequireNames(KernelFunction[] functions)
    {
        foreach (IGrouping<string, KernelFunction> named in functions.GroupBy(ToolName))
        {
            if (named.DistinctBy(f => (f.PluginName, f.Name)).Count() > 1)
            {
                throw new ArgumentException(
                    $"The functions {List(named)} would both be '{named.Key}' to the model. Rename a plugin or a function.");
            }
        }

        return functions;
    }

    private static string ToolName(AITool tool) => tool.Name;

    private static string List(IEnumerable<KernelFunction> functions) =>
        string.Join(", ", functions.Select(f => f.PluginName is null ? $"'{f.Name}'" : $"'{f.PluginName}-{f.Name}'"));
}
