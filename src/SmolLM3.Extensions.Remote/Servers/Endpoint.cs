using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using SmolLM3.Extensions.Loading;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Remote.Servers;

/// <summary>One server. All members are safe for concurrent use.</summary>
internal sealed class Endpoint : IDisposable
{
    private readonly ServerOptions _options;
    private readonly Tokenizer _tokenizer;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly ResiliencePipeline _ejection;
    private ServerFacts? _facts;
    private ServerException? _failure;
    private long _returns;

    /// <summary>Makes one; nothing is sent yet.</summary>
    /// <param name="address">Its address, ending with a slash.</param>
    /// <param name="isAlone">Whether there is no other one to ask instead.</param>
    /// <param name="options">How it is asked.</param>
    /// <param name="tokenizer">The client's.</param>
    /// <param name="logger">Where it logs.</param>
    /// <param name="time">What tells the time.</param>
    public Endpoint(
        Uri address, bool isAlone, ServerOptions options, Tokenizer tokenizer, ILogger logger, TimeProvider time)
    {
        (Address, _options, _tokenizer, _logger, _time) = (address, options, tokenizer, logger, time);
        HttpMessageHandler handler = options.CreateHandler?.Invoke() ?? new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // Prompts go to no other host than the one that was named.
            ConnectTimeout = options.ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5), // Names may come to mean other addresses.
        };
        _http = new HttpClient(isAlone && options.Retries > 0 ? Repeat(handler) : handler)
        {
            BaseAddress = address,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (options.ApiKey is { } key)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        _ejection = isAlone ? ResiliencePipeline.Empty : Eject();
    }

    /// <summary>Its address.</summary>
    public Uri Address { get; }

    /// <summary>What it says of itself; asked for once, and again after it failed.</summary>
    /// <exception cref="ServerException">It cannot be asked, or serves another model.</exception>
    public async Task<ServerFacts> GetFactsAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _facts) is { } known)
        {
            return known;
        }

        return await ProbeAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>How it is: as its last request found it. Where that failed it is asked again, unless it is left
    /// out.</summary>
    public async Task<ServerState> CheckAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _failure) is not null && _time.GetUtcNow().Ticks >= Volatile.Read(ref _returns))
        {
            try
            {
                await ProbeAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (ServerException)
            {
                // It is remembered.
            }
        }

        return new(Address, Volatile.Read(ref _failure));
    }

    /// <summary>Sends a request and waits for the first message of its answer.</summary>
    /// <exception cref="ServerException">It failed until then.</exception>
    /// <exception cref="PromptTooLongException">Its context does not hold the prompt.</exception>
    /// <exception cref="NotSupportedException">It cannot do what is asked for.</exception>
    public async Task<ServerStream> OpenAsync(Segment segment, CancellationToken cancellationToken)
    {
        try
        {
            return await _ejection.ExecuteAsync(
                async token => await RememberAsync(SendAsync(segment, token)).ConfigureAwait(false),
                cancellationToken).ConfigureAwait(false);
        }
        catch (BrokenCircuitException error)
        {
            throw new ServerException(Address, $"{Address} failed and is left out for a while.", error)
            {
                IsTransient = true,
            };
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<ServerFacts> ProbeAsync(CancellationToken cancellationToken)
    {
        ServerFacts facts = await RememberAsync(
            new ServerProbe(_http, _options, _tokenizer, _logger, _time).AskAsync(cancellationToken)).ConfigureAwait(false);
        Volatile.Write(ref _facts, facts);
        return facts;
    }

    // Whether it failed, by the last that was asked of it.
    private async Task<T> RememberAsync<T>(Task<T> asking)
    {
        try
        {
            T answer = await asking.ConfigureAwait(false);
            Volatile.Write(ref _failure, null);
            return answer;
        }
        catch (ServerException error) when (EndpointPool.MayOthersDoBetter(error))
        {
            Volatile.Write(ref _failure, error);
            throw;
        }
    }

    private async Task<ServerStream> SendAsync(Segment segment, CancellationToken cancellationToken)
    {
        ServerFacts facts = await GetFactsAsync(cancellationToken).ConfigureAwait(false);
        facts.Dialect.Check(segment.Form, segment.Adapters);
        SilenceTimer silence = new(_options.FirstTokenTimeout, _options.StallTimeout, _time, cancellationToken);
        HttpResponseMessage? response = null;
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Post, facts.Dialect.Path)
            {
                Content = new StringContent(
                    facts.Dialect.ToBody(segment).ToJsonString(), Encoding.UTF8, "application/json"),
            };
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, silence.Token)
                .ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                throw await ServerErrors.FromResponseAsync(Address, response, silence.Token).ConfigureAwait(false);
            }

            return await ServerStream.OpenAsync(Address, facts.Dialect, response, silence).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            ServerException? told = error is OperationCanceledException && silence.IsOver ? silence.ToException(Address)
                : error is HttpRequestException or IOException ? ServerErrors.Unreachable(Address, error)
                : null;
            response?.Dispose();
            silence.Dispose();
            if (told is not null)
            {
                throw told;
            }

            throw;
        }
    }

    // Nothing has begun where no success was said, so that it can be said again.
    private ResilienceHandler Repeat(HttpMessageHandler handler)
    {
        ResiliencePipeline<HttpResponseMessage> pipeline =
            new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = _time }
                .AddRetry(new HttpRetryStrategyOptions
                {
                    MaxRetryAttempts = _options.Retries,
                    Delay = ServerDefaults.RetryDelay,
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                })
                .Build();
        return new ResilienceHandler(pipeline) { InnerHandler = handler };
    }

    private ResiliencePipeline Eject() => new ResiliencePipelineBuilder { TimeProvider = _time }
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<ServerException>(EndpointPool.MayOthersDoBetter),
            MinimumThroughput = ServerDefaults.SampledAnswers,
            FailureRatio = 0.5,
            SamplingDuration = ServerDefaults.SampledTime,
            BreakDuration = _options.EjectionTime,
            OnOpened = _ =>
            {
                // It may come back as another one.
                Volatile.Write(ref _facts, null);
                Volatile.Write(ref _returns, (_time.GetUtcNow() + _options.EjectionTime).Ticks);
                _logger.Ejected(Address, _options.EjectionTime);
                return default;
            },
            OnClosed = _ =>
            {
                _logger.Returned(Address);
                return default;
            },
        })
        .Build();
}
