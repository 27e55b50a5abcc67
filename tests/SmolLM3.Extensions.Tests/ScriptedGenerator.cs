using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Sampling;

namespace SmolLM3.Extensions.Tests;

/// <summary>A generator that says what it is told, but obeys constraints, stop tokens and limits as a real one: a
/// banned token is passed over, a forced one is put in where the script does not have it.</summary>
/// <param name="answer">The tokens for a request.</param>
/// <param name="vocabularySize">Length of a row of logits.</param>
internal sealed class ScriptedGenerator(
    Func<GenerationRequest, IEnumerable<int>> answer, int vocabularySize) : IGenerator
{
    private int _running;

    /// <summary>Most tokens of prompt and answer together.</summary>
    public int ContextLength { get; set; } = 4096;

    public ConcurrentQueue<GenerationRequest> Requests { get; } = [];

    /// <summary>What a request waits for before its first token: its "prefill".</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Told to the caller as known prompt tokens.</summary>
    public int CachedTokens { get; set; }

    public int Running => _running;

    public bool IsDisposed { get; private set; }

    /// <summary>Whether constraints are ignored, as by a server that knows none.</summary>
    public bool IsFree { get; set; }

    public async IAsyncEnumerable<GeneratedToken> GenerateAsync(
        GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (request.PromptTokens.Count >= ContextLength)
        {
            throw new PromptTooLongException(request.PromptTokens.Count, ContextLength);
        }

        Requests.Enqueue(request);
        Interlocked.Increment(ref _running);
        try
        {
            await Gate.WaitAsync(cancellationToken);
            Queue<int> script = new(answer(request));
            for (int count = 1; ; count++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await Task.Yield();
                if (Next(IsFree ? [] : request.Constraints, script) is not { } token)
                {
                    throw new InvalidOperationException("The script is too short.");
                }

                GenerationEnd? end = request.StopTokens.Contains(token) ? GenerationEnd.Stop
                    : count == request.MaxTokens || request.PromptTokens.Count + count == ContextLength
                        ? GenerationEnd.Length
                    : null;
                yield return new GeneratedToken(token, end, CachedTokens, LogProbabilities(request, token));
                if (end is not null)
                {
                    yield break;
                }
            }
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }

    private int? Next(IReadOnlyList<ITokenConstraint> constraints, Queue<int> script)
    {
        int token = -1;
        if (constraints.Any(constraint => constraint.TryForce(out token)))
        {
            if (script.TryPeek(out int next) && next == token)
            {
                script.Dequeue();
            }
        }
        else
        {
            float[] logits = new float[vocabularySize];
            foreach (ITokenConstraint constraint in constraints)
            {
                constraint.Mask(logits);
            }

            do
            {
                if (!script.TryDequeue(out token))
                {
                    return null;
                }
            }
            while (float.IsNegativeInfinity(logits[token]));
        }

        foreach (ITokenConstraint constraint in constraints)
        {
            constraint.Accept(token);
        }

        return token;
    }

    private static TokenLogProbabilities? LogProbabilities(GenerationRequest request, int token) =>
        request.Sampling.TopLogProbabilities == 0
            ? null
            : new(new(token, -0.25f), [new(token, -0.25f), new(token + 1, -1.5f)]);
}
