namespace SmolLM3.Extensions.Remote.Tests.StandIns;

/// <summary>Counts the completions a client asks servers for.</summary>
internal sealed class CountingHandler : DelegatingHandler
{
    public CountingHandler()
        : base(new SocketsHttpHandler())
    {
    }

    /// <summary>How many.</summary>
    public int Completions { get; private set; }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Completions += request.RequestUri!.AbsolutePath.EndsWith("/completions", StringComparison.Ordinal)
            || request.RequestUri.AbsolutePath.EndsWith("/completion", StringComparison.Ordinal) ? 1 : 0;
        return base.SendAsync(request, cancellationToken);
    }
}
