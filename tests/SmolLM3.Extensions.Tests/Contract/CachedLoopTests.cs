using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using static SmolLM3.Extensions.Tests.ClientHarness;

namespace SmolLM3.Extensions.Tests.Contract;

/// <summary>The framework's cache below its loop of calls finds a conversation again, calls and all: what the client says
/// must look the same after it was stored.</summary>
public class CachedLoopTests
{
    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task The_second_time_only_what_a_function_says_anew_is_computed(bool isStreaming, bool changes)
    {
        int calls = 0;
        AIFunction weather = AIFunctionFactory.Create(
            (string city) => $"{58 + (changes ? calls++ : 0)} degrees", "get_weather", "Gets the weather.");
        ClientHarness harness = new(
            "<think>\nI look.\n</think>\n" + Call("get_weather", """{"city": "Lyon"}"""), "Warm.", "Warmer.");
        using IChatClient agent =
            harness.Client.AsBuilder().UseFunctionInvocation().UseDistributedCache(new Cache()).Build();
        ChatOptions options = new() { Tools = [weather], Reasoning = new() { Effort = ReasoningEffort.Low } };

        Assert.Equal("Warm.", await Ask());
        Assert.Equal(2, harness.Generator.Requests.Count);
        Assert.Equal(changes ? "Warmer." : "Warm.", await Ask());
        Assert.Equal(changes ? 3 : 2, harness.Generator.Requests.Count);

        async Task<string> Ask()
        {
            ChatMessage[] question = [new(ChatRole.User, "Weather?")];
            ChatResponse response = isStreaming
                ? await agent.GetStreamingResponseAsync(question, options).ToChatResponseAsync()
                : await agent.GetResponseAsync(question, options);
            return response.Text;
        }
    }

    private sealed class Cache : IDistributedCache
    {
        private readonly Dictionary<string, byte[]> _values = [];

        public byte[]? Get(string key) => _values.GetValueOrDefault(key);

        public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => Task.FromResult(Get(key));

        public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => _values[key] = value;

        public Task SetAsync(
            string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
        {
            Set(key, value, options);
            return Task.CompletedTask;
        }

        public void Refresh(string key) => throw new NotSupportedException();

        public Task RefreshAsync(string key, CancellationToken token = default) => throw new NotSupportedException();

        public void Remove(string key) => throw new NotSupportedException();

        public Task RemoveAsync(string key, CancellationToken token = default) => throw new NotSupportedException();
    }
}
