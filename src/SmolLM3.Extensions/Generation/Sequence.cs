using SmolLM3.Extensions.Sampling;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Generation;

/// <summary>One request on its way: what has come to it, and how much of that the engine has stored.</summary>
/// <remarks>Touched by the loop thread only.</remarks>
internal sealed class Sequence
{
    private readonly GenerationRequest _request;
    private readonly int _maxTokens;
    private readonly int[] _drafts = new int[PromptDraft.MostTokens];
    private readonly PromptDraft? _draft;

    /// <summary>Makes the sequence of a validated request.</summary>
    /// <param name="number">Its place in the order of arrival.</param>
    /// <param name="request">The request.</param>
    /// <param name="contextLength">Most tokens of a sequence, more than the prompt has.</param>
    /// <param name="seed">Start of its random numbers.</param>
    /// <param name="stream">Where its tokens go.</param>
    /// <param name="drafts">Whether its tokens are guessed.</param>
    public Sequence(
        long number, GenerationRequest request, int contextLength, long seed, TokenStream stream, bool drafts = false)
    {
        Number = number;
        Stream = stream;
        PromptLength = request.PromptTokens.Count;
        Sampling = new SamplingState(request.Sampling, seed, request.PromptTokens, request.Constraints);
        _request = request;
        _maxTokens = Math.Min(request.MaxTokens ?? int.MaxValue, contextLength - PromptLength);
        int expected = PromptLength + Math.Min(_maxTokens, GenerationDefaults.ReservedAnswerTokens);
        Tokens = new List<int>(expected);
        Tokens.AddRange(request.PromptTokens);
        _draft = drafts ? new PromptDraft(Tokens, expected) : null;
    }

    /// <summary>Its place in the order of arrival.</summary>
    public long Number { get; }

    /// <summary>When what became of it.</summary>
    public required RequestTimes Times { get; init; }

    /// <summary>When it must have ended, as a time stamp; null: no limit.</summary>
    public long? Deadline { get; init; }

    /// <summary>Where its tokens go.</summary>
    public TokenStream Stream { get; }

    /// <summary>Options, random numbers, penalties and constraints.</summary>
    public SamplingState Sampling { get; }

    /// <summary>The adapters it is computed with.</summary>
    public AdapterSet Adapters => _request.Adapters;

    /// <summary>Tokens of the prompt.</summary>
    public int PromptLength { get; }

    /// <summary>Prompt and answer so far. Only <see cref="Append"/> adds to it.</summary>
    public List<int> Tokens { get; }

    /// <summary>The engine's sequence it runs in, or -1.</summary>
    public int Slot { get; private set; } = -1;

    /// <summary>Tokens the engine has stored.</summary>
    public int Stored { get; private set; }

    /// <summary>How many that came later started before it.</summary>
    public int PassedOver { get; set; }

    /// <summary>The last step it had a part in, or behind which it started.</summary>
    public long LastStep { get; set; }

    /// <summary>Tokens of the prompt that were not computed for this request; null: it never ran.</summary>
    public int? CachedPromptTokens { get; private set; }

    /// <summary>Why it ended, or null.</summary>
    public GenerationEnd? End { get; private set; }

    /// <summary>Tokens the engine has yet to store before the next one can be chosen.</summary>
    public int Pending => Tokens.Count - Stored;

    /// <summary>Tokens it will have stored in a while: what is pending, and the next part of its answer.</summary>
    public int Growth => Pending + Math.Min(_maxTokens - Generated, GenerationDefaults.GrowthTokens);

    /// <summary>Tokens of the answer so far.</summary>
    public int Generated => Tokens.Count - PromptLength;

    /// <summary>Whether its prompt is behind it and someone is being answered, a token or a few a step.</summary>
    public bool IsStreaming => Stored >= PromptLength;

    /// <summary>The guesses of the step.</summary>
    public ReadOnlySpan<int> Drafts => _drafts;

    /// <summary>Guesses the tokens behind those that are known.</summary>
    /// <param name="most">Most guesses.</param>
    /// <returns>How many there are.</returns>
    public int Guess(int most)
    {
        // The last token that may come needs no guess behind it.
        int room = Math.Min(most, _maxTokens - Generated - 1);
        if (_draft is null || room <= 0)
        {
            return 0;
        }

        ReadOnlySpan<int> guesses = _draft.Guess(room);
        guesses.CopyTo(_drafts);
        return guesses.Length;
    }

    /// <summary>What its reader is told when its time is up.</summary>
    public TimeoutException ToTimeout() => new(
        $"The request did not end within {_request.Timeout}: of {PromptLength} prompt tokens "
        + $"{Math.Min(Stored, PromptLength)} were computed, and {Generated} tokens generated. Allow more time, shorten "
        + "the prompt, or send fewer requests at once.");

    /// <summary>Gives it a slot.</summary>
    /// <param name="slot">The engine's sequence.</param>
    /// <param name="stored">Tokens already stored there.</param>
    public void Start(int slot, int stored)
    {
        (Slot, Stored) = (slot, stored);
        CachedPromptTokens ??= stored;
    }

    /// <summary>Takes its slot away; what was stored is to be computed again.</summary>
    public void Stop() => (Slot, Stored) = (-1, 0);

    /// <summary>Ends it where it is: its reader has all it wants.</summary>
    public void Finish() => End ??= GenerationEnd.Stop;

    /// <summary>Takes note of what the engine stored.</summary>
    public void Advance(int rows) => Stored += rows;

    /// <summary>Appends a token that came and tells the reader and the constraints.</summary>
    public void Append(int token, TokenLogProbabilities? logProbabilities)
    {
        Tokens.Add(token);
        Sampling.Accept(token);
        End = _request.StopTokens.Contains(token) ? GenerationEnd.Stop
            : Generated == _maxTokens ? GenerationEnd.Length
            : null;
        Stream.Write(new GeneratedToken(token, End, CachedPromptTokens ?? 0, logProbabilities));
    }
}
