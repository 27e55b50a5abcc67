using System.Runtime.CompilerServices;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Remote.Answers;
using SmolLM3.Extensions.Remote.Servers;
using SmolLM3.Extensions.Telemetry;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Remote;

/// <summary>Generates by asking servers, one request to them or several for each answer.</summary>
/// <param name="servers">The servers; disposed with the generator.</param>
/// <param name="facts">What they say of themselves.</param>
/// <param name="tokenizer">The client's.</param>
/// <param name="contextLength">Most tokens of a request, prompt and answer together.</param>
/// <param name="time">What tells the time.</param>
internal sealed class RemoteGenerator(
    EndpointPool servers, ServerFacts facts, Tokenizer tokenizer, int contextLength, TimeProvider time) : IGenerator
{
    private readonly CancellationTokenSource _disposing = new();
    private readonly RequestMeter _meter = new(facts.Model, time);

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The servers cannot do what is asked for; nothing was sent.</exception>
    /// <exception cref="ServerException">While reading: they failed.</exception>
    public IAsyncEnumerable<GeneratedToken> GenerateAsync(
        GenerationRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ObjectDisposedException.ThrowIf(_disposing.IsCancellationRequested, this);
        request.Validate(tokenizer.VocabularySize, contextLength);
        ServerRules rules = request.Constraints switch
        {
            [] => new ServerRules(),
            [ServerRules only] => only,
            _ => throw new NotSupportedException(
                "A server cannot be told of a constraint of your own (SmolLM3RequestOptions.Constraint). Use a schema, a regular "
                + "expression or choices, or an engine in this process."),
        };
        facts.Dialect.Check(rules.Form, request.Adapters);
        int room = contextLength - request.PromptTokens.Count;
        request = request with
        {
            MaxTokens = Math.Min(request.MaxTokens ?? room, room),
            Sampling = request.Sampling with { Seed = request.Sampling.Seed ?? Random.Shared.NextInt64() },
        };
        return StreamAsync(
            request,
            new RemoteAnswer(request, rules, servers, facts.Dialect.EnforcesSchemas, tokenizer),
            cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _disposing.CancelAsync().ConfigureAwait(false);
        servers.Dispose();
    }

    private async IAsyncEnumerable<GeneratedToken> StreamAsync(
        GenerationRequest request, RemoteAnswer answer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RequestTimes times = _meter.Arrive();
        using RequestActivity activity = RequestActivity.Start(facts.Model, request.PromptTokens.Count);
        using CancellationTokenSource deadline = new(request.Timeout is { } most && most < ServerDefaults.MostTime
            ? most : Timeout.InfiniteTimeSpan, time);
        using CancellationTokenSource any = CancellationTokenSource.CreateLinkedTokenSource(
            cancellationToken, _disposing.Token, deadline.Token);
        IAsyncEnumerator<GeneratedToken> tokens = answer.ReadAsync(any.Token).GetAsyncEnumerator(any.Token);
        await using ConfiguredAsyncDisposable leaving = tokens.ConfigureAwait(false);
        Exception? failure = null;
        try
        {
            while (true)
            {
                try
                {
                    if (!await tokens.MoveNextAsync().ConfigureAwait(false))
                    {
                        yield break;
                    }
                }
                catch (Exception error)
                {
                    failure = Translate(error, request, answer, deadline.Token, cancellationToken);
                    if (failure == error)
                    {
                        throw;
                    }

                    throw failure;
                }

                _meter.Answer(times);
                activity.Add(tokens.Current);
                yield return tokens.Current;
            }
        }
        finally
        {
            // What was cached servers tell with the last token.
            _meter.Prompt(request.PromptTokens.Count, answer.CachedTokens);
            _meter.End(times, answer.Tokens.Count, failure);
            activity.End(failure, cancellationToken);
        }
    }

    private Exception Translate(
        Exception error,
        GenerationRequest request,
        RemoteAnswer answer,
        CancellationToken deadline,
        CancellationToken caller) => error switch
        {
            OperationCanceledException when caller.IsCancellationRequested => error,
            OperationCanceledException when _disposing.IsCancellationRequested =>
                new ObjectDisposedException("The client was disposed during the request.", error),
            OperationCanceledException when deadline.IsCancellationRequested => new TimeoutException(
                $"The answer was not complete within {request.Timeout}. Raise SmolLM3RequestOptions.Timeout, or ask for less.",
                error),
            AnswerFormException => error,
            ServerException failure when answer.HasBegun => new AnswerInterruptedException(
                failure, tokenizer.Decode([.. answer.Tokens]), answer.Tokens.Count),
            _ => error,
        };
}
