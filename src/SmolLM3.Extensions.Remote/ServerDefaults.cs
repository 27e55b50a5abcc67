namespace SmolLM3.Extensions.Remote;

/// <summary>The numbers <see cref="ServerOptions"/> starts from, each with its reason.</summary>
internal static class ServerDefaults
{
    /// <summary>A full context on a busy GPU takes tens of seconds.</summary>
    public static readonly TimeSpan FirstTokenTimeout = TimeSpan.FromMinutes(2);

    /// <summary>A server that computes prompts of others in between is slow for a second or two; who is silent for this
    /// long is gone.</summary>
    public static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Longer than a lost first packet is repeated.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>With growing pauses, some seconds in all: what a restart of a proxy takes.</summary>
    public const int Retries = 2;

    /// <summary>More would keep a caller waiting for minutes.</summary>
    public const int MostRetries = 10;

    /// <summary>Pause before the first repetition; each further one is twice as long.</summary>
    public static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(0.5);

    /// <summary>Short enough that a restarted server is soon used again, and a dead one costs a request in five
    /// seconds.</summary>
    public static readonly TimeSpan EjectionTime = TimeSpan.FromSeconds(5);

    /// <summary>What the circuit breaker takes at least.</summary>
    public static readonly TimeSpan LeastEjectionTime = TimeSpan.FromSeconds(0.5);

    /// <summary>A server is left out when half of its answers in <see cref="SampledTime"/> failed, and there were at least
    /// so many: the fewest the circuit breaker takes.</summary>
    public const int SampledAnswers = 2;

    /// <summary>See <see cref="SampledAnswers"/>.</summary>
    public static readonly TimeSpan SampledTime = TimeSpan.FromSeconds(30);

    /// <summary>What timers take.</summary>
    public static readonly TimeSpan MostTime = TimeSpan.FromDays(1);

    /// <summary>Without turns, so many tokens of a prompt name its session.</summary>
    public const int AffinityTokens = 64;

    /// <summary>Most of an error's text that is passed on.</summary>
    public const int MostErrorText = 500;

    /// <summary>Most of an error's body that is read.</summary>
    public const int MostErrorBytes = 1 << 16;
}
