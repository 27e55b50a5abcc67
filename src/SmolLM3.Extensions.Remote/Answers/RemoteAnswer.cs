using System.Runtime.CompilerServices;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Constraints.Validation;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Remote.Servers;
using SmolLM3.Extensions.Sampling;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Remote.Answers;

/// <summary>One answer, piece by piece. For one reader.</summary>
/// <param name="request">What is answered; its limits are settled.</param>
/// <param name="rules">Its rules.</param>
/// <param name="servers">Who answers.</param>
/// <param name="enforces">Whether they hold calls to schemas.</param>
/// <param name="tokenizer">The client's.</param>
internal sealed class RemoteAnswer(
    GenerationRequest request, ServerRules rules, EndpointPool servers, bool enforces, Tokenizer tokenizer)
{
    private readonly AnswerScript _script = new(rules, request.StopTokens, tokenizer, enforces);
    private readonly byte[] _session = EndpointPool.SessionOf(request.PromptTokens, rules.Vocabulary?.TurnStart);
    private readonly List<int> _tokens = [.. request.PromptTokens];
    private int _left = request.MaxTokens!.Value;
    private int _asked;
    private int _cached;
    private bool _hasEnded;

    /// <summary>Whether a token came that a server made.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>The answer so far.</summary>
    public IReadOnlyList<int> Tokens => _tokens[request.PromptTokens.Count..];

    /// <summary>Tokens of the prompt that were cached, as far as is known.</summary>
    public int CachedTokens => _cached;

    /// <summary>Its tokens as they come; to be read once.</summary>
    public async IAsyncEnumerable<GeneratedToken> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (!_hasEnded)
        {
            Step step = _script.Next();
            for (int i = 0; i < step.Forced.Count && !_hasEnded; i++)
            {
                yield return Take(new(step.Forced[i]), isStop: step.IsEnd && i == step.Forced.Count - 1);
            }

            if (step.Forced.Count == 0)
            {
                await foreach (GeneratedToken token in AskAsync(step, cancellationToken).ConfigureAwait(false))
                {
                    yield return token;
                }
            }
        }
    }

    private async IAsyncEnumerable<GeneratedToken> AskAsync(
        Step step, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Segment segment = ToSegment(step);
        ServerStream stream = await servers.OpenAsync(_session, segment, cancellationToken).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable leaving = stream.ConfigureAwait(false);
        List<ServerToken> waiting = [];
        int start = _tokens.Count;
        bool isStopped = false, isFull = false;
        while (await MoveNextAsync(stream, isStopped || isFull).ConfigureAwait(false))
        {
            if (isStopped && stream.Current.Tokens.Count > 0)
            {
                // What the caller stops at is nothing to this server: it would go on to its limit.
                break;
            }

            if (isFull && stream.Current.Tokens.Count > 0)
            {
                // It goes on beyond what it was asked for.
                break;
            }

            // What later requests find cached is what this answer computed.
            _cached = _asked == 1 ? stream.Current.CachedTokens ?? _cached : _cached;
            foreach (ServerToken token in stream.Current.Tokens)
            {
                if (isStopped || isFull)
                {
                    continue;
                }

                if (request.StopTokens.Contains(token.Id))
                {
                    isStopped = true;
                    continue;
                }

                HasBegun = true;
                Verdict verdict = _script.Accept(Check(token.Id));
                if (verdict == Verdict.Drop)
                {
                    yield break;
                }

                // The last one there is room for waits, too: for the message with the numbers.
                waiting.Add(token);
                isFull = waiting.Count == _left;
                if (isFull || verdict == Verdict.Hold)
                {
                    continue;
                }

                foreach (ServerToken kept in waiting)
                {
                    yield return Take(kept, isStop: false);
                }

                waiting.Clear();
                if (verdict == Verdict.Leave)
                {
                    yield break;
                }
            }
        }

        if (!isStopped && !isFull && stream.End == GenerationEnd.Length && stream.Current.Generated >= segment.MaxTokens)
        {
            if (step.IsProbe)
            {
                _script.Accept(CutCharacter()[0]);
                yield break;
            }

            waiting.AddRange(CutCharacter().Take(_left - waiting.Count).Select(id => new ServerToken(id)));
            (_left, isFull) = (waiting.Count, true);
        }

        if (isFull)
        {
            foreach (ServerToken kept in waiting)
            {
                yield return Take(kept, isStop: false);
            }
        }
        else if (isStopped || stream.End == GenerationEnd.Stop)
        {
            if (_script.End())
            {
                CheckForm(step, stream.Endpoint, start);
                yield return Take(new(StopToken()), isStop: true);
            }
        }
        else
        {
            throw new ServerException(
                stream.Endpoint,
                $"{stream.Endpoint} ended the answer for its length, though {_left} more tokens were allowed. Set "
                + "SmolLM3Options.ContextLength to what it holds for one request.");
        }
    }

    // Of what the server enforces only it knows. Calls have a form of their own, and are checked when they are read.
    private void CheckForm(Step step, Uri endpoint, int start)
    {
        if (step.Form is { } form && ReferenceEquals(form, rules.Form))
        {
            string text = tokenizer.Decode([.. _tokens[start..]]);
            if (FormValidator.FirstViolation(form, text) is { } violation)
            {
                throw new AnswerFormException(endpoint, violation, text);
            }
        }
    }

    // llama-server keeps back tokens that end amid a character, and never says which they were where the limit comes there.
    // These stand for them, the beginning of any character: as text they are U+FFFD, as those would be.
    private List<int> CutCharacter()
    {
        List<int> tokens = [];
        foreach (byte part in (ReadOnlySpan<byte>)[0xF0, 0x9F, 0x99])
        {
            tokenizer.Encode([part], SpecialTokens.None, tokens);
        }

        return tokens;
    }

    // Once the answer is over, what goes wrong behind it does not matter.
    private static async ValueTask<bool> MoveNextAsync(ServerStream stream, bool isOver)
    {
        try
        {
            return await stream.MoveNextAsync().ConfigureAwait(false);
        }
        catch (ServerException) when (isOver)
        {
            return false;
        }
    }

    private Segment ToSegment(Step step)
    {
        SamplingOptions sampling = request.Sampling;
        return new Segment
        {
            Prompt = _tokens,
            MaxTokens = step.IsProbe ? 1 : _left,
            Sampling = sampling with { Seed = unchecked(sampling.Seed!.Value + _asked++) },
            StopTokens = request.StopTokens,
            Form = step.Form,
            Banned = step.Banned,
            Adapters = request.Adapters,
        };
    }

    private GeneratedToken Take(ServerToken token, bool isStop)
    {
        _tokens.Add(token.Id);
        _left--;
        GenerationEnd? end = isStop ? GenerationEnd.Stop : _left == 0 ? GenerationEnd.Length : null;
        _hasEnded = end is not null;
        return new GeneratedToken(token.Id, end, _cached, Asked(token.LogProbabilities));
    }

    // Servers tell more where they tell the chosen token beside its rivals, or ids by them.
    private TokenLogProbabilities? Asked(TokenLogProbabilities? likely) =>
        request.Sampling.TopLogProbabilities is var most && most == 0 ? null
        : likely is { } told && told.Top.Count > most ? told with { Top = [.. told.Top.Take(most)] }
        : likely;

    private int Check(int token) => (uint)token < (uint)tokenizer.VocabularySize ? token : throw new ServerException(
        null, $"The server sent token {token}, which is outside the vocabulary of {tokenizer.VocabularySize}. It serves "
        + "another model, or what ServerOptions.Kind says is not what it is.");

    private int StopToken() => rules.Vocabulary?.TurnEnd ?? tokenizer.EosToken
        ?? (request.StopTokens is [int first, ..] ? first : throw new ServerException(
            null, "The model's tokenizer names no token that ends a text. Use a file made by a current converter."));
}
