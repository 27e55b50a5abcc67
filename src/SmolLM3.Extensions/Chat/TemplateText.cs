using static SmolLM3.Extensions.Chat.SpecialTokenText;

namespace SmolLM3.Extensions.Chat;

/// <summary>
/// The wording of the official chat template of HuggingFaceTB/SmolLM3-3B (Apache-2.0, see NOTICE). Special tokens
/// named in the wording are special tokens in the prompt too, because the reference tokenizes the rendered text.
/// </summary>
internal static class TemplateText
{
    public const string ThinkFlag = "/think";
    public const string NoThinkFlag = "/no_think";
    public const string OverrideFlag = "/system_override";

    public const string ThinkingPersonaStart =
        "You are a helpful AI assistant named SmolLM, trained by Hugging Face. Your role as an assistant involves "
        + "thoroughly exploring questions through a systematic thinking process before providing the final precise "
        + "and accurate solutions. This requires engaging in a comprehensive cycle of analysis, summarizing, "
        + "exploration, reassessment, reflection, backtracking, and iteration to develop well-considered thinking "
        + "process. Please structure your response into two main sections: Thought and Solution using the specified "
        + "format: ";

    public const string ThinkingPersonaMiddle = " Thought section ";

    public const string ThinkingPersonaEnd =
        " Solution section. In the Thought section, detail your reasoning process in steps. Each step should include "
        + "detailed considerations such as analysing questions, summarizing relevant findings, brainstorming new "
        + "ideas, verifying the accuracy of the current steps, refining any errors, and revisiting previous steps. "
        + "In the Solution section, based on various attempts, explorations, and reflections from the Thought "
        + "section, systematically present the final solution that you deem correct. The Solution section should be "
        + "logical, accurate, and concise and detail necessary steps needed to reach the conclusion.";

    public const string PlainPersona = "You are a helpful AI assistant named SmolLM, trained by Hugging Face.";

    /// <summary>The default persona of a mode; the thinking one names the two thought tokens.</summary>
    public static void WritePersona(ChatPromptBuilder prompt, bool thinking)
    {
        if (thinking)
        {
            prompt.Text(ThinkingPersonaStart).Special(ThoughtStart).Text(ThinkingPersonaMiddle)
                .Special(ThoughtEnd).Text(ThinkingPersonaEnd);
        }
        else
        {
            prompt.Text(PlainPersona);
        }
    }

    /// <summary>The section of tools called as JSON.</summary>
    public static void WriteTools(ChatPromptBuilder prompt, IEnumerable<string> tools)
    {
        prompt.Text("You may call one or more functions to assist with the user query.\n"
            + "You are provided with function signatures within <tools></tools> XML tags:\n\n<tools>\n");
        WriteLines(prompt, tools);
        prompt.Text("</tools>\n\nFor each function call, return a json object with function name and arguments within ")
            .Special(CallStart).Special(CallEnd).Text(" XML tags:\n")
            .Special(CallStart)
            .Text("\n{\"name\": <function-name>, \"arguments\": <args-json-object>}\n")
            .Special(CallEnd);
    }

    /// <summary>The section of tools called from Python code.</summary>
    public static void WritePythonTools(ChatPromptBuilder prompt, IEnumerable<string> tools)
    {
        prompt.Text("When you send a message containing Python code between '").Special(CodeStart).Text("' and '")
            .Special(CodeEnd)
            .Text("' tags, it will be executed in a stateful Jupyter notebook environment, and you will then be given "
                + "the output to continued reasoning in an agentic loop.\n\n"
                + "You can use the following tools in your python code like regular functions:\n<tools>\n");
        WriteLines(prompt, tools);
        prompt.Text("</tools>\n\nThe state persists between code executions: so variables that you define in one step "
            + "are still available thereafter.");
    }

    private static void WriteLines(ChatPromptBuilder prompt, IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            prompt.Text(line).Text("\n");
        }
    }
}
