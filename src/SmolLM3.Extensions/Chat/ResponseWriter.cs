using Microsoft.Extensions.AI;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Loading;
using SmolLM3.Extensions.Sampling;

namespace SmolLM3.Extensions.Chat;

/// <summary>Turns the tokens of one answer, a chat's or a completion's, into updates.</summary>
internal sealed class ResponseWriter
{
    /// <summary>The property of the last update that says how many turns the prompt leaves out.</summary>
    public const string DroppedTurnsKey = "dropped_turns";

    /// <summary>The property of updates that has the ids of their tokens.</summary>
    public const string TokenIdsKey = "token_ids";

    private readonly RequestPlan _plan;
    private readonly RequestSettings _settings;
    private readonly LoadedModel _model;
    private readonly string _modelId;
    private readonly DateTimeOffset _createdAt;
    private readonly string _responseId = Guid.NewGuid().ToString("N");

    // A string of its own: the turn is attached to this very object.
    private readonly string _messageId = Guid.NewGuid().ToString("N");
    private readonly IOutputParser _parser;
    private readonly ContentWriter _contents;
    private readonly List<OutputSegment> _segments = [];
    private readonly List<TokenLogProbabilities> _logProbabilities = [];
    private readonly List<int> _tokens = [];
    private readonly List<int> _newTokens = [];
    private int _outputTokens;
    private int _cachedTokens;
    private GenerationEnd? _end;

    public ResponseWriter(
        RequestPlan plan, RequestSettings settings, LoadedModel model, string modelId, DateTimeOffset createdAt)
    {
        (_plan, _settings, _model, _modelId, _createdAt) = (plan, settings, model, modelId, createdAt);
        _parser = plan.Parser;
        _contents = new ContentWriter(
            settings.HidesThoughts, new RelaxedCalls(settings.CallableTools, plan.Relaxed));
    }

    /// <summary>What its updates are known by.</summary>
    public string Id => _responseId;

    /// <summary>What was generated so far.</summary>
    public IReadOnlyList<int> Tokens => _tokens;

    /// <summary>Whether the answer is complete, though more tokens may come.</summary>
    public bool IsEnded => _end is not null || _parser.Stopped || HasLastCall;

    // Code ends the answer: what comes next depends on what it gives.
    private bool HasLastCall => _contents.HasCode || (_settings.SingleCall && _contents.Calls > 0);

    /// <summary>Takes a token.</summary>
    /// <returns>What it made ready, or null.</returns>
    public ChatResponseUpdate? Write(GeneratedToken token)
    {
        _outputTokens++;
        (_cachedTokens, _end) = (token.CachedPromptTokens, token.End);
        int thoughts = _parser.ReasoningTokens;
        if (_end != GenerationEnd.Stop)
        {
            _tokens.Add(token.Id);
            _parser.Append(token.Id, _segments);
        }

        bool isHidden = _settings.HidesThoughts && _parser.ReasoningTokens > thoughts;
        if (token.LogProbabilities is { } probabilities && _end != GenerationEnd.Stop && !isHidden)
        {
            _logProbabilities.Add(probabilities);
        }

        if (_settings.ReturnsTokenIds && !isHidden)
        {
            _newTokens.Add(token.Id);
        }

        List<AIContent> contents = TakeContents();
        return contents.Count > 0 || _newTokens.Count > 0 ? Update(contents) : null;
    }

    /// <summary>Ends the answer: what was held back, the usage and why it ended.</summary>
    public ChatResponseUpdate Finish()
    {
        if (!HasLastCall)
        {
            _parser.Finish(_segments, isCut: _end == GenerationEnd.Length);
        }
        else if (_plan.Vocabulary is { } tags && _tokens[^1] == tags.CallStart)
        {
            // A second call ended the one that counts: the turn closes that one and knows of no other.
            _tokens[^1] = tags.CallEnd;
        }

        List<AIContent> contents = TakeContents();
        contents.Add(new UsageContent(ToUsage()));
        ChatResponseUpdate update = Update(contents);

        if (_plan.DroppedTurns > 0)
        {
            (update.AdditionalProperties ??= [])[DroppedTurnsKey] = _plan.DroppedTurns;
        }

        // The last call that is allowed ends the answer, even with the last token there was room for.
        update.FinishReason = HasLastCall ? ChatFinishReason.ToolCalls
            : _end == GenerationEnd.Length && !_parser.Stopped ? ChatFinishReason.Length
            : _contents.Calls > 0 ? ChatFinishReason.ToolCalls
            : ChatFinishReason.Stop;

        // A completion is no turn. A stop sequence is part of the tokens, but not of the message: such a turn is rendered
        // from its content. So is one with control tokens, which the caller never saw: repeated, they would structure the
        // prompt; and a cut one, of which the caller may keep the error or not.
        if (_plan.Vocabulary is { } vocabulary
            && !_parser.Stopped && !_contents.IsCut && !_tokens.Exists(vocabulary.IsControl))
        {
            GeneratedTurn turn = new(
                _model.Tokenizer, _tokens, !_plan.IsThinking, _contents.EndParts(), _contents.Thought);
            GeneratedTurn.Attach(_messageId, turn);
            update.RawRepresentation = turn;
        }

        return update;
    }

    private List<AIContent> TakeContents()
    {
        List<AIContent> contents = [];
        foreach (OutputSegment segment in _segments)
        {
            _contents.Add(segment, contents);
        }

        _segments.Clear();
        return contents;
    }

    private ChatResponseUpdate Update(List<AIContent> contents)
    {
        ChatResponseUpdate update = new(ChatRole.Assistant, contents)
        {
            ResponseId = _responseId,
            MessageId = _messageId,
            ModelId = _modelId,
            CreatedAt = _createdAt,
        };
        if (_logProbabilities.Count > 0)
        {
            update.AdditionalProperties = new()
            {
                [LogProbabilityJson.Key] = LogProbabilityJson.ToArray(_logProbabilities, _model.Tokenizer),
            };
            _logProbabilities.Clear();
        }

        if (_newTokens.Count > 0)
        {
            (update.AdditionalProperties ??= [])[TokenIdsKey] = _newTokens.ToArray();
            _newTokens.Clear();
        }

        return update;
    }

    // The cached and the thought tokens are told twice: Agent Framework's OpenAI endpoints read the second form only.
    private UsageDetails ToUsage()
    {
        int input = _plan.Generation.PromptTokens.Count;
        return new UsageDetails
        {
            InputTokenCount = input,
            OutputTokenCount = _outputTokens,
            TotalTokenCount = input + _outputTokens,
            CachedInputTokenCount = _cachedTokens,
            ReasoningTokenCount = _parser.ReasoningTokens,
            AdditionalCounts = new()
            {
                ["InputTokenDetails.CachedTokenCount"] = _cachedTokens,
                ["OutputTokenDetails.ReasoningTokenCount"] = _parser.ReasoningTokens,
            },
        };
    }
}
