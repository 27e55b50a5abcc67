using System.Text.Json;
using SmolLM3.Extensions.Constraints;
using SmolLM3.Extensions.Constraints.Masks;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Loading;
using SmolLM3.Extensions.Sampling;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Extensions.Chat;

/// <summary>A request ready to be generated, and how its output is read.</summary>
internal sealed record RequestPlan
{
    /// <summary>What the generator gets.</summary>
    public required GenerationRequest Generation { get; init; }

    /// <summary>Reads the output.</summary>
    public required IOutputParser Parser { get; init; }

    /// <summary>The tokens of the chat format; null: a completion, whose output is text and no turn.</summary>
    public ChatVocabulary? Vocabulary { get; init; }

    /// <summary>The mode after the flags of the system text.</summary>
    public bool IsThinking { get; init; }

    /// <summary>Whether such a flag decided against the mode asked for.</summary>
    public bool FlagOverrode { get; init; }

    /// <summary>Tools whose schemas are not enforced in all.</summary>
    public IReadOnlyList<RelaxedTool> Relaxed { get; init; } = [];

    /// <summary>How many of the oldest turns, each a user message with what followed, the prompt leaves out.</summary>
    public int DroppedTurns { get; init; }

    /// <summary>Renders, tokenizes and sets up the constraints.</summary>
    /// <param name="messages">The conversation of the prompt.</param>
    /// <param name="settings">What the request asks for.</param>
    /// <param name="model">The model.</param>
    /// <param name="today">The date the prompt names.</param>
    /// <param name="cancellationToken">Stops what takes long: compiling schemas.</param>
    /// <exception cref="SystemOverrideException">The system text overrides the header and there are tools.</exception>
    /// <exception cref="BaseModelException">The model knows no chat.</exception>
    /// <exception cref="NotSupportedException">The form of the answer cannot be enforced.</exception>
    /// <exception cref="UnsupportedModelException">The model cannot write code to be run.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static RequestPlan Create(
        IReadOnlyList<PromptMessage> messages,
        RequestSettings settings,
        LoadedModel model,
        DateOnly today,
        CancellationToken cancellationToken)
    {
        EncodedPrompt prompt =
            EncodedPrompt.Create(PromptRequest.From(messages, settings, today), settings, model.Head);
        ToolGrammar? calls = settings.CallableTools.Count > 0 && !model.IsRemote
            ? model.Grammars.ForTools(settings.CallableTools, cancellationToken)
            : null;
        CompiledGrammar? text = settings.Form is { } form && !model.IsRemote
            ? model.Grammars.ForForm(form, cancellationToken)
            : null;
        return new RequestPlan
        {
            Generation = ToGeneration(
                prompt.Tokens, settings, model, Constraints(settings, model, calls?.Grammar, text, prompt.ThinkingTokens)),
            Parser = new ChatOutputParser(model.Tokenizer, settings.StopSequences, settings.MayCode),
            Vocabulary = model.Vocabulary,
            IsThinking = prompt.Prompt.Thinking,
            FlagOverrode = prompt.Prompt.FlagOverrode,
            Relaxed = calls?.Relaxed ?? [.. settings.CallableTools.Select(ServerRelaxes)],
            DroppedTurns = prompt.DroppedTurns,
        };
    }

    /// <summary>What the generator gets for a prompt.</summary>
    public static GenerationRequest ToGeneration(
        IReadOnlyList<int> prompt,
        RequestSettings settings,
        LoadedModel model,
        IReadOnlyList<ITokenConstraint> constraints) => new()
        {
            PromptTokens = prompt,
            Sampling = settings.Sampling,
            StopTokens = settings.StopTokens.Count == 0
                ? model.Tokenizer.EndTokens
                : [.. model.Tokenizer.EndTokens, .. settings.StopTokens],
            MaxTokens = settings.MaxOutputTokens,
            Timeout = settings.Timeout,
            Constraints = constraints,
        };

    /// <summary>The constraints, in order of precedence: a thought that is too long is closed before anything
    /// else.</summary>
    private static List<ITokenConstraint> Constraints(
        RequestSettings settings,
        LoadedModel model,
        CompiledGrammar? calls,
        CompiledGrammar? text,
        int thinkingTokens)
    {
        ChatVocabulary vocabulary = model.Head.RequireChat();
        if (settings.PythonTools is not null && (vocabulary.CodeStart, vocabulary.CodeEnd) is not (not null, not null))
        {
            throw new UnsupportedModelException(
                $"The model's vocabulary has no tokens {SpecialTokenText.CodeStart} and {SpecialTokenText.CodeEnd}: it "
                + "cannot write code to be run. Leave the code interpreter out of ChatOptions.Tools.");
        }

        int[] newLine = model.Tokenizer.Encode("\n");
        int[] closing = [.. newLine, vocabulary.ThoughtEnd, .. newLine];
        bool thinks = thinkingTokens > 0;
        List<ITokenConstraint> constraints = [];
        if (thinks)
        {
            constraints.Add(new ThinkingBudget(
                vocabulary.ThoughtStart,
                vocabulary.ThoughtEnd,
                thinkingTokens,
                closing,
                endsCharacter: new CharacterEnd(model.Tokenizer).Follow));
        }

        int[] banned =
        [
            .. vocabulary.NeverSaid,
            .. thinks ? (int[])[] : [vocabulary.ThoughtStart],
            .. settings.CallableTools.Count == 0 ? [vocabulary.CallStart] : (int[])[],
            .. settings.PythonTools is not null && !settings.MayCode ? [vocabulary.CodeStart!.Value] : (int[])[],
        ];
        if (model.IsRemote)
        {
            return Rules(settings, new ServerRules
            {
                Vocabulary = vocabulary,
                Thinks = thinks,
                ThinkingTokens = thinkingTokens,
                Closing = closing,
                NewLine = newLine,
                Banned = banned,
                Tools = settings.CallableTools,
                MayCode = settings.MayCode,
                MustCall = settings.ToolChoice == ToolChoice.Required,
                SingleCall = settings.SingleCall,
                Form = settings.Form,
            });
        }

        constraints.Add(new BannedTokens(banned));
        AnswerRules rules = new()
        {
            Thinks = thinks,
            NewLine = thinks ? newLine : [],
            Calls = calls,
            MayCode = settings.MayCode,
            MustCall = settings.ToolChoice == ToolChoice.Required,
            SingleCall = settings.SingleCall,
            Text = text,
        };
        if (rules.Calls is not null || rules.MayCode || rules.Text is not null)
        {
            constraints.Add(new AnswerConstraint(vocabulary, model.Tokenizer.EndTokens, rules));
        }

        if (settings.Constraint is { } own)
        {
            constraints.Add(own);
        }

        return constraints;
    }

    // What a server enforces of a schema is not known here, so calls are checked when they are whole.
    private static RelaxedTool ServerRelaxes(JsonElement tool) =>
        new(JsonText.Value(tool.GetProperty("name")), "whatever the server does not enforce");

    /// <summary>What the server of a remote model is asked for.</summary>
    public static List<ITokenConstraint> Rules(RequestSettings settings, ServerRules rules) =>
        settings.Constraint is { } own ? [rules, own] : [rules];
}
