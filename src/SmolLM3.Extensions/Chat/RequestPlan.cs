using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Loading;
using SmolLM3.Extensions.Sampling;

namespace SmolLM3.Extensions.Chat;

/// <summary>A request ready to be generated.</summary>
/// <param name="Generation">What the generator gets.</param>
/// <param name="IsThinking">The mode after the flags of the system text.</param>
/// <param name="FlagOverrode">Whether such a flag decided against the mode asked for.</param>
internal sealed record RequestPlan(GenerationRequest Generation, bool IsThinking, bool FlagOverrode)
{
    /// <summary>Renders, tokenizes and sets up the constraints.</summary>
    /// <param name="messages">The conversation of the prompt.</param>
    /// <param name="settings">What the request asks for.</param>
    /// <param name="model">The model.</param>
    /// <param name="today">The date the prompt names.</param>
    /// <exception cref="SystemOverrideException">The system text overrides the header and there are tools.</exception>
    public static RequestPlan Create(
        IReadOnlyList<PromptMessage> messages, RequestSettings settings, LoadedModel model, DateOnly today)
    {
        ChatPrompt prompt = ChatTemplate.Render(new PromptRequest
        {
            Messages = messages,
            Tools = settings.Tools,
            EnableThinking = settings.EnableThinking,
            Today = today,
        });
        List<int> tokens = prompt.Encode(model.Tokenizer);
        int room = Math.Max(1, model.ContextLength - tokens.Count);
        int output = Math.Min(settings.MaxOutputTokens ?? room, room);
        GenerationRequest generation = new()
        {
            PromptTokens = tokens,
            Sampling = settings.Sampling,
            StopTokens = model.Tokenizer.EndTokens,
            MaxTokens = settings.MaxOutputTokens,
            Constraints = Constraints(settings, model, prompt.Thinking, output),
        };
        return new(generation, prompt.Thinking, prompt.FlagOverrode);
    }

    /// <summary>The constraints, in order of precedence: a thought that is too long is closed before anything
    /// else.</summary>
    private static List<ITokenConstraint> Constraints(
        RequestSettings settings, LoadedModel model, bool isThinking, int output)
    {
        ChatVocabulary vocabulary = model.Vocabulary;
        int[] newLine = model.Tokenizer.Encode("\n");
        List<ITokenConstraint> constraints =
        [
            new ThinkingBudget(
                vocabulary.ThoughtStart,
                vocabulary.ThoughtEnd,
                Math.Min(settings.ThinkingTokens, (int)(output * SmolLM3Defaults.MaxThinkingShare)),
                [.. newLine, vocabulary.ThoughtEnd, .. newLine],
                endsCharacter: new CharacterEnd(model.Tokenizer).Follow),
        ];
        if (settings.ToolChoice == ToolChoice.Required)
        {
            // A thought ends its line before the answer begins; the prompt of no_think mode did that already.
            string call = "\n{\"name\": " + (settings.RequiredTool is { } name
                ? PythonJson.Quote(name) + ", \"arguments\":"
                : "\"");
            int[] beginning =
                [.. isThinking ? newLine : [], vocabulary.CallStart, .. model.Tokenizer.Encode(call)];
            constraints.Add(new RequiredCall(vocabulary, isThinking, beginning));
        }
        else if (settings.ToolChoice == ToolChoice.None)
        {
            constraints.Add(new BannedTokens([vocabulary.CallStart]));
        }

        return constraints;
    }
}
