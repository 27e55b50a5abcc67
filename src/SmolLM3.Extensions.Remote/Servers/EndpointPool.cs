using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using SmolLM3.Extensions.Loading;

namespace SmolLM3.Extensions.Remote.Servers;

/// <summary>Servers of one model. A session goes to the same one as long as that one answers: each server has a number
/// from the session's key and its address, and the highest is asked first (rendezvous hashing), so that one that comes or
/// goes moves its own sessions only.</summary>
/// <param name="endpoints">The servers, at least one; disposed with the pool.</param>
/// <param name="logger">Where it logs.</param>
internal sealed class EndpointPool(IReadOnlyList<Endpoint> endpoints, ILogger logger) : IDisposable
{
    /// <summary>Whether a failure is the server's own.</summary>
    public static bool MayOthersDoBetter(ServerException error) => error.IsTransient || error is ServerMismatchException;

    /// <summary>What the first server that answers says of itself.</summary>
    /// <exception cref="ServerException">None answers.</exception>
    public Task<ServerFacts> GetFactsAsync(CancellationToken cancellationToken) =>
        AskAsync(endpoints, endpoint => endpoint.GetFactsAsync(cancellationToken));

    /// <summary>How each server is.</summary>
    public Task<ServerState[]> CheckAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(endpoints.Select(endpoint => endpoint.CheckAsync(cancellationToken)));

    /// <summary>Has the session's server answer, or, where it fails before its first token, the next one.</summary>
    /// <param name="session">The key of the session.</param>
    /// <param name="segment">What to answer.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <inheritdoc cref="Endpoint.OpenAsync" path="/exception"/>
    public Task<ServerStream> OpenAsync(byte[] session, Segment segment, CancellationToken cancellationToken) =>
        AskAsync(Order(session), endpoint => endpoint.OpenAsync(segment, cancellationToken));

    /// <summary>The key of a prompt's session: its beginning, up to where the third turn begins, the first answer; all
    /// prompts of a conversation have it in common.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="turnStart">The token that begins a turn; null: there are no turns.</param>
    public static byte[] SessionOf(IReadOnlyList<int> prompt, int? turnStart)
    {
        int turns = 0, length = 0;
        while (length < prompt.Count && turns < 3)
        {
            turns += prompt[length++] == turnStart ? 1 : 0;
        }

        length = turns == 3 ? length : Math.Min(prompt.Count, ServerDefaults.AffinityTokens);
        int[] prefix = [.. prompt.Take(length)];
        return SHA256.HashData(MemoryMarshal.AsBytes(prefix.AsSpan()));
    }

    /// <summary>The servers in the order in which a session asks them.</summary>
    internal IEnumerable<Endpoint> Order(byte[] session) =>
        endpoints.OrderByDescending(endpoint => Weight(session, endpoint.Address));

    public void Dispose()
    {
        foreach (Endpoint endpoint in endpoints)
        {
            endpoint.Dispose();
        }
    }

    private static ulong Weight(byte[] session, Uri address) => BinaryPrimitives.ReadUInt64LittleEndian(
        SHA256.HashData([.. session, .. Encoding.UTF8.GetBytes(address.AbsoluteUri)]));

    private async Task<T> AskAsync<T>(IEnumerable<Endpoint> order, Func<Endpoint, Task<T>> ask)
    {
        List<ServerException> failures = [];
        foreach (Endpoint endpoint in order)
        {
            try
            {
                return await ask(endpoint).ConfigureAwait(false);
            }
            catch (ServerException error) when (endpoints.Count > 1 && MayOthersDoBetter(error))
            {
                logger.FailsOver(endpoint.Address, error);
                failures.Add(error);
            }
        }

        throw new ServerException(
            null,
            $"None of the {failures.Count} servers answers. " + string.Join(' ', failures.Select(failure => failure.Message)),
            new AggregateException(failures)) { IsTransient = failures.Exists(failure => failure.IsTransient) };
    }
}
