using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using SmolLM3.Extensions.Constraints;
using SmolLM3.Extensions.Loading;

namespace SmolLM3.Extensions.Chat;

/// <summary>What a client logs of its requests.</summary>
internal sealed class RequestLog(ILogger logger)
{
    // Of tools made up for each request not every one is remembered.
    private const int MostSaid = 1_000;

    private readonly ConcurrentDictionary<RelaxedTool, byte> _saidRelaxed = [];

    /// <summary>What the options ask for and nobody here does.</summary>
    public void Ignored(ChatOptions? options)
    {
        foreach (AITool tool in options?.Tools ?? [])
        {
            if (!ToolMapping.IsKnown(tool))
            {
                logger.ToolIsIgnored(tool.Name);
            }
        }
    }

    /// <summary>What a request came to be that its caller may not expect.</summary>
    public void Planned(RequestPlan plan, RequestSettings settings, LoadedModel model)
    {
        string mode = plan.IsThinking ? "/think" : "/no_think";
        if (plan.FlagOverrode && settings.NamesThinking)
        {
            logger.FlagOverrodeRequest(mode);
        }
        else if (plan.FlagOverrode)
        {
            logger.FlagOverrodeDefault(mode);
        }

        foreach (RelaxedTool relaxed in plan.Relaxed)
        {
            if (_saidRelaxed.Count < MostSaid && _saidRelaxed.TryAdd(relaxed, default))
            {
                logger.ToolIsRelaxed(relaxed.Tool, relaxed.What);
            }
        }

        if (plan.DroppedTurns > 0)
        {
            logger.TurnsAreDropped(plan.DroppedTurns, plan.Generation.PromptTokens.Count, model.ContextLength);
        }
    }

    /// <summary>The prompt as text, at Trace.</summary>
    public void Prompt(ResponseWriter response, RequestPlan plan, LoadedModel model)
    {
        if (logger.IsEnabled(LogLevel.Trace))
        {
            logger.Prompt(response.Id, model.Tokenizer.Decode([.. plan.Generation.PromptTokens]));
        }
    }

    /// <summary>What came of it, at Trace; also of a request that failed.</summary>
    public void Output(ResponseWriter response, LoadedModel model)
    {
        if (logger.IsEnabled(LogLevel.Trace))
        {
            logger.Output(response.Id, model.Tokenizer.Decode([.. response.Tokens]));
        }
    }
}
