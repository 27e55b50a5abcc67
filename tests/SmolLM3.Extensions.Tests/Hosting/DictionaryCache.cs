using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Distributed;

namespace SmolLM3.Extensions.Tests.Hosting;

/// <summary>A distributed cache in a dictionary, which forgets nothing.</summary>
internal sealed class DictionaryCache : IDistributedCache
{
    private readonly ConcurrentDictionary<string, byte[]> _values = [];
    private int _hits;

    /// <summary>Values that were found.</summary>
    public int Hits => _hits;

    public byte[]? Get(string key)
    {
        if (!_values.TryGetValue(key, out byte[]? value))
        {
            return null;
        }

        Interlocked.Increment(ref _hits);
        return value;
    }

    public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => Task.FromResult(Get(key));

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => _values[key] = value;

    public Task SetAsync(
        string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        Set(key, value, options);
        return Task.CompletedTask;
    }

    public void Refresh(string key)
    {
    }

    public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

    public void Remove(string key) => _values.TryRemove(key, out _);

    public Task RemoveAsync(string key, CancellationToken token = default)
    {
        Remove(key);
        return Task.CompletedTask;
    }
}
