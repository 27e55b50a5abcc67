using System.Globalization;
using static SmolLM3.Extensions.Chat.TemplateText;

namespace SmolLM3.Extensions.Chat;

/// <summary>
/// The first turn of every prompt: metadata, instructions and tools, or just the caller's text when it says
/// <c>/system_override</c>.
/// </summary>
internal sealed class SystemHeader
{
    private readonly string? _systemText;
    private readonly string _instructions;
    private readonly string? _formatInstruction;

    /// <summary>Reads the flags of a system message; null is a conversation without one.</summary>
    public SystemHeader(PromptMessage? message, bool enableThinking)
    {
        string? systemText = message?.Content;
        (_systemText, _formatInstruction) = (systemText, message?.FormatInstruction);
        Thinking = systemText switch
        {
            not null when systemText.Contains(NoThinkFlag, StringComparison.Ordinal) => false,
            not null when systemText.Contains(ThinkFlag, StringComparison.Ordinal) => true,
            _ => enableThinking,
        };

        // The template cuts the flags out wherever they stand, inside paths and addresses too.
        _instructions = PythonText.TrimEnd((systemText ?? "")
            .Replace(NoThinkFlag, "", StringComparison.Ordinal)
            .Replace(ThinkFlag, "", StringComparison.Ordinal));
    }

    /// <summary>The mode after the flags.</summary>
    public bool Thinking { get; }

    /// <summary>Throws where a system text would drop the tools.</summary>
    /// <exception cref="SystemOverrideException">It overrides the header and there are tools.</exception>
    public static void Check(string? systemText, bool hasTools)
    {
        if (hasTools && Overrides(systemText))
        {
            throw new SystemOverrideException();
        }
    }

    /// <summary>Writes the header of <paramref name="request"/>.</summary>
    /// <exception cref="SystemOverrideException">The system text overrides the header and there are tools.</exception>
    public void Write(ChatPromptBuilder prompt, PromptRequest request)
    {
        bool hasTools = request.Tools.Count > 0 || request.PythonTools is not null;
        Check(_systemText, hasTools);
        prompt.BeginTurn("system");
        if (Overrides(_systemText))
        {
            prompt.Text(PythonText.TrimEnd(_instructions.Replace(OverrideFlag, "", StringComparison.Ordinal)));
            WriteFormat(prompt);
            prompt.EndTurn();
            return;
        }

        WriteMetadata(prompt, request.Today);
        WriteInstructions(prompt);
        if (hasTools)
        {
            WriteTools(prompt, request);

            // Only here does the template close the turn: without tools the first user turn follows an open header.
            prompt.Text("\n\n").EndTurn();
        }
    }

    private static bool Overrides(string? systemText) =>
        systemText?.Contains(OverrideFlag, StringComparison.Ordinal) == true;

    private void WriteMetadata(ChatPromptBuilder prompt, DateOnly today) => prompt
        .Text("## Metadata\n\nKnowledge Cutoff Date: June 2025\nToday Date: ")
        .Text(string.Create(CultureInfo.InvariantCulture, $"{today:dd MMMM} {today.Year}"))
        .Text("\nReasoning Mode: ")
        .Text(Thinking ? ThinkFlag : NoThinkFlag)
        .Text("\n\n");

    private void WriteInstructions(ChatPromptBuilder prompt)
    {
        prompt.Text("## Custom Instructions\n\n");
        if (_instructions.Length > 0)
        {
            prompt.Text(_instructions);
        }
        else
        {
            WritePersona(prompt, Thinking);
        }

        WriteFormat(prompt);
        prompt.Text("\n\n");
    }

    private void WriteFormat(ChatPromptBuilder prompt)
    {
        if (_formatInstruction is not null)
        {
            prompt.Text("\n\n").Text(_formatInstruction);
        }
    }

    private static void WriteTools(ChatPromptBuilder prompt, PromptRequest request)
    {
        prompt.Text("### Tools\n\n");
        if (request.Tools.Count > 0)
        {
            TemplateText.WriteTools(prompt, request.Tools.Select(PythonRepr.ToStr));
        }

        if (request.PythonTools is { } functions)
        {
            WritePythonTools(prompt, functions.Select(PythonRepr.ToStr));
        }
    }
}
