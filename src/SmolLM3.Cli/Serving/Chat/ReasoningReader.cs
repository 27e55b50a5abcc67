using Microsoft.Extensions.AI;

namespace SmolLM3.Cli.Serving.Chat;

/// <summary>Reads whether, how long and how visibly the model is to think.</summary>
internal static class ReasoningReader
{
    /// <summary><c>chat_template_kwargs.enable_thinking</c> says whether, <c>reasoning_effort</c> how long; without
    /// either the system message or the server's options decide.</summary>
    public static ReasoningOptions? Read(JsonFields body)
    {
        ReasoningEffort? effort = ReadEffort(body);
        bool? thinks = body.Object("chat_template_kwargs")?.Flag("enable_thinking");
        bool hides = body.Flag("include_reasoning") == false;
        ReasoningEffort? settled = thinks switch
        {
            false => ReasoningEffort.None,
            true when effort is null or ReasoningEffort.None => ReasoningEffort.Medium,
            _ => effort,
        };
        return settled is null && !hides ? null : new ReasoningOptions
        {
            Effort = settled, Output = hides ? ReasoningOutput.None : null,
        };
    }

    private static ReasoningEffort? ReadEffort(JsonFields body) => body.Text("reasoning_effort") switch
    {
        null => null,
        "none" => ReasoningEffort.None,
        "minimal" or "low" => ReasoningEffort.Low,
        "medium" => ReasoningEffort.Medium,
        "high" => ReasoningEffort.High,
        "xhigh" => ReasoningEffort.ExtraHigh,
        _ => throw body.Wrong("reasoning_effort", "none, minimal, low, medium, high or xhigh"),
    };
}
