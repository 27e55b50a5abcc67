using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Sampling;

namespace SmolLM3.Extensions.Tests.Generation;

/// <summary>What a request must give on a <see cref="FakeEngine"/>, worked out without scheduler, batches or caches.
/// </summary>
internal static class Reference
{
    public static List<int> Generate(GenerationRequest request, int contextLength, int vocabularySize = 32)
    {
        var sampler = new Sampler(vocabularySize);
        var state = new SamplingState(
            request.Sampling, request.Sampling.Seed!.Value, request.PromptTokens, request.Constraints);
        var logits = new float[vocabularySize];
        List<int> tokens = [.. request.PromptTokens];
        int most = Math.Min(request.MaxTokens ?? int.MaxValue, contextLength - tokens.Count);
        while (tokens.Count - request.PromptTokens.Count < most
            && (tokens.Count == request.PromptTokens.Count || !request.StopTokens.Contains(tokens[^1])))
        {
            FakeEngine.FillLogits(tokens, request.Adapters, logits);
            int token = state.TryForce(out int forced) ? forced : sampler.Sample(logits, state, out _);
            state.Accept(token);
            tokens.Add(token);
        }

        return tokens[request.PromptTokens.Count..];
    }
}
