using SmolLM3.Extensions.Constraints;
using SmolLM3.Extensions.Constraints.Masks;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Loading;
using SmolLM3.Extensions.Sampling;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Extensions.Chat;

/// <summary>A request ready to be generated.</summary>
/// <param name="Generation">What the generator gets.</param>
/// <param name="IsThinking">The mode after the flags of the system text.</param>
/// <param name="FlagOverrode">Whether such a flag decided against the mode asked for.</param>
/// <param name="Relaxed">Tools whose schemas are not enforced in all.</param>
internal sealed record RequestPlan(
    GenerationRequest Generation, bool IsThinking, bool FlagOverrode, IReadOnlyList<RelaxedTool> Relaxed)
{
    // The tag that opens a thought; and what a character may still lack when the budget is spent.
    private const int OpeningTokens = 1;
    private const int MostTokensToEndCharacter = 3;

    /// <summary>How many of the oldest turns, each a user message with what followed, the prompt leaves out.</summary>
    public int DroppedTurns { get; init; }

    /// <summary>Renders, tokenizes and sets up the constraints.</summary>
    /// <param name="messages">The conversation of the prompt.</param>
    /// <param name="settings">What the request asks for.</param>
    /// <param name="model">The model.</param>
    /// <param name="today">The date the prompt names.</param>
    /// <param name="cancellationToken">Stops what takes long: compiling schemas.</param>
    /// <exception cref="SystemOverrideException">The system text overrides the header and there are tools.</exception>
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
        ChatPrompt prompt = ChatTemplate.Render(PromptRequest.From(messages, settings, today));
        List<int> tokens = prompt.Encode(model.Tokenizer, out int[] exchanges);
        int dropped = settings.ContextOverflow == ContextOverflow.DropOldestTurns
            ? ContextFitting.Shorten(tokens, exchanges, model.ContextLength, settings.MaxOutputTokens)
            : 0;
        int room = Math.Max(1, model.ContextLength - tokens.Count);
        int output = Math.Min(settings.MaxOutputTokens ?? room, room);
        ToolGrammar? calls = settings.CallableTools.Count > 0
            ? model.Grammars.ForTools(settings.CallableTools, cancellationToken)
            : null;
        CompiledGrammar? text = settings.Form is { } form ? model.Grammars.ForForm(form, cancellationToken) : null;
        GenerationRequest generation = new()
        {
            PromptTokens = tokens,
            Sampling = settings.Sampling,
            StopTokens = model.Tokenizer.EndTokens,
            MaxTokens = settings.MaxOutputTokens,
            Timeout = settings.Timeout,
            Constraints = Constraints(settings, model, calls?.Grammar, text, prompt.Thinking, output),
        };
        return new(generation, prompt.Thinking, prompt.FlagOverrode, calls?.Relaxed ?? []) { DroppedTurns = dropped };
    }

    /// <summary>The constraints, in order of precedence: a thought that is too long is closed before anything
    /// else.</summary>
    private static List<ITokenConstraint> Constraints(
        RequestSettings settings,
        LoadedModel model,
        CompiledGrammar? calls,
        CompiledGrammar? text,
        bool isThinking,
        int output)
    {
        ChatVocabulary vocabulary = model.Vocabulary;
        if (settings.PythonTools is not null && (vocabulary.CodeStart, vocabulary.CodeEnd) is not (not null, not null))
        {
            throw new UnsupportedModelException(
                $"The model's vocabulary has no tokens {SpecialTokenText.CodeStart} and {SpecialTokenText.CodeEnd}: it "
                + "cannot write code to be run. Leave the code interpreter out of ChatOptions.Tools.");
        }

        int[] newLine = model.Tokenizer.Encode("\n");
        int[] closing = [.. newLine, vocabulary.ThoughtEnd, .. newLine];
        int budget = Math.Min(settings.ThinkingTokens, MostThinkingTokens(output, closing.Length));

        // Where a thought would leave too little for the answer, there is none.
        bool thinks = isThinking && budget > 0;
        List<ITokenConstraint> constraints = [];
        if (thinks)
        {
            constraints.Add(new ThinkingBudget(
                vocabulary.ThoughtStart,
                vocabulary.ThoughtEnd,
                budget,
                closing,
                endsCharacter: new CharacterEnd(model.Tokenizer).Follow));
        }

        constraints.Add(new BannedTokens(
        [
            .. vocabulary.NeverSaid,
            .. thinks ? (int[])[] : [vocabulary.ThoughtStart],
            .. calls is null ? [vocabulary.CallStart] : (int[])[],
            .. settings.PythonTools is not null && !settings.MayCode ? [vocabulary.CodeStart!.Value] : (int[])[],
        ]));
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

    /// <summary>How long thoughts may be if the answer is to get its part of the output.</summary>
    private static int MostThinkingTokens(int output, int closing)
    {
        int answer = (output + SmolLM3Defaults.AnswerPart - 1) / SmolLM3Defaults.AnswerPart;
        return Math.Max(0, output - answer - OpeningTokens - closing - MostTokensToEndCharacter);
    }
}
