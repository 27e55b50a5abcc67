using System.Runtime.InteropServices;

namespace SmolLM3.Extensions.Sampling;

/// <summary>Logit bias and penalties of one request, and the counts they are taken from.</summary>
/// <remarks>The repetition penalty counts prompt and answer, as in Hugging Face transformers; frequency and presence
/// penalties count the answer only, as in OpenAI's API.</remarks>
internal sealed class TokenPenalties
{
    private readonly SamplingOptions _options;
    private readonly KeyValuePair<int, float>[] _bias;

    // How often each token came in the answer; tokens of the prompt alone stand there with 0. Null: nobody asks.
    private readonly Dictionary<int, int>? _counts;

    public TokenPenalties(SamplingOptions options, IReadOnlyList<int> promptTokens)
    {
        _options = options;
        _bias = [.. options.LogitBias ?? new Dictionary<int, float>()];
        bool repetition = options.RepetitionPenalty != 1;
        if (repetition || options.FrequencyPenalty != 0 || options.PresencePenalty != 0)
        {
            _counts = [];
        }

        for (int i = 0; repetition && i < promptTokens.Count; i++)
        {
            _counts!.TryAdd(promptTokens[i], 0);
        }
    }

    /// <summary>Takes note of a token of the answer.</summary>
    public void Count(int token)
    {
        if (_counts is not null)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_counts, token, out _)++;
        }
    }

    /// <summary>Changes the logits of biased and penalized tokens, bias first.</summary>
    public void Apply(Span<float> logits)
    {
        foreach ((int token, float bias) in _bias)
        {
            logits[token] += bias;
        }

        if (_counts is null)
        {
            return;
        }

        float repetition = _options.RepetitionPenalty;
        foreach ((int token, int count) in _counts)
        {
            float logit = logits[token];
            logit = logit > 0 ? logit / repetition : logit * repetition;
            logit -= count * _options.FrequencyPenalty;
            logits[token] = count > 0 ? logit - _options.PresencePenalty : logit;
        }
    }
}
