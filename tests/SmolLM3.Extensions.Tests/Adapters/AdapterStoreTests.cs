using SmolLM3.Extensions.Adapters;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Tests.Generation;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Extensions.Tests.Adapters;

/// <summary>Names of adapters and who uses them.</summary>
public sealed class AdapterStoreTests : IAsyncDisposable
{
    private readonly FakeEngine _engine = new(new EngineLimits(64, 4, 16, 256));
    private readonly LocalGenerator _generator;
    private readonly AdapterStore _store;
    private readonly AdapterFile _first = new(1);
    private readonly AdapterFile _second = new(2);

    public AdapterStoreTests()
    {
        _generator = new LocalGenerator(_engine);
        _store = new AdapterStore(_generator);
    }

    public async ValueTask DisposeAsync()
    {
        await _generator.DisposeAsync();
        _first.Dispose();
        _second.Dispose();
    }

    [Fact]
    public async Task What_is_loaded_can_be_chosen_and_unloaded()
    {
        Assert.Empty(_store.Names);
        await LoadAsync("b", _first);
        await LoadAsync("a", _second);
        Assert.Equal(["a", "b"], _store.Names);
        using (AdapterLease lease = _store.Lease([new("a", 0.5f)]))
        {
            Assert.Equal(new AdapterSet(new AdapterUse(1, 0.5f)), lease.Set);
            Assert.Equal([new(_second.Fingerprint, 0.5f)], lease.Origins);
        }

        List<int> unloaded = [];
        _engine.OnUnload = unloaded.Add;
        await _store.UnloadAsync("a", default);
        Assert.Equal(["b"], _store.Names);
        Assert.Equal([1], unloaded);
    }

    [Fact]
    public async Task The_order_of_choosing_makes_no_difference()
    {
        await LoadAsync("b", _first);
        await LoadAsync("a", _second);
        AdapterStore other = new(_generator, [new("x", 0, _first.Fingerprint), new("y", 1, _second.Fingerprint)]);
        using AdapterLease one = _store.Lease([new("a", 1), new("b", 2)]);
        using AdapterLease two = _store.Lease([new("b", 2), new("a", 1)]);
        using AdapterLease renamed = other.Lease([new("y", 1), new("x", 2)]);
        Assert.Equal(one.Set, two.Set);
        Assert.Equal(one.Set, renamed.Set);
        Assert.Equal(2, one.Set.Uses.Count);
    }

    [Fact]
    public void No_adapter_and_scale_zero_are_the_model_itself()
    {
        AdapterStore store = new(loaded: [new("a", 0, "f")]);
        Assert.Equal(AdapterSet.None, store.Lease([]).Set);
        Assert.Equal(AdapterSet.None, store.Lease([new("a", 0)]).Set);
        Assert.Throws<UnknownAdapterException>(() => store.Lease([new("b", 0)]));
    }

    [Fact]
    public async Task An_unknown_name_is_told_with_those_that_are_known_and_nothing_is_held()
    {
        await LoadAsync("b", _first);
        UnknownAdapterException error =
            Assert.Throws<UnknownAdapterException>(() => _store.Lease([new("b", 1), new("B", 1)]));
        Assert.Equal("B", error.AdapterName);
        Assert.Equal(["b"], error.LoadedAdapters);
        Assert.Contains("Loaded are: b.", error.Message, StringComparison.Ordinal);
        await _store.UnloadAsync("b", default);
        error = await Assert.ThrowsAsync<UnknownAdapterException>(() => _store.UnloadAsync("b", default));
        Assert.Contains("Loaded is none.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_is_given_once_and_free_again_after_unloading_or_a_load_that_failed()
    {
        await LoadAsync("a", _first);
        ArgumentException taken = await Assert.ThrowsAsync<ArgumentException>(() => LoadAsync("a", _second));
        Assert.Contains("'a' already", taken.Message, StringComparison.Ordinal);
        await _store.UnloadAsync("a", default);

        AdapterNotFoundException missing = await Assert.ThrowsAsync<AdapterNotFoundException>(
            () => _store.LoadAsync("a", "missing.gguf", default));
        Assert.Equal("missing.gguf", missing.FileName);
        using CancellationTokenSource cancelled = new();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _store.LoadAsync("a", _first.Path, cancelled.Token));
        Assert.Empty(_store.Names);
        await LoadAsync("a", _second);
        Assert.Equal(["a"], _store.Names);
    }

    [Fact]
    public async Task Of_loads_at_once_under_one_name_one_wins()
    {
        bool[] won = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
            await Record.ExceptionAsync(() => LoadAsync("a", _first)) is null)));
        Assert.Single(won, true);
    }

    [Fact]
    public async Task Unloading_takes_the_name_at_once_and_waits_for_those_who_use_it()
    {
        await LoadAsync("a", _first);
        AdapterLease one = _store.Lease([new("a", 1)]), two = _store.Lease([new("a", 0.5f)]);
        Task unloading = _store.UnloadAsync("a", default);
        Assert.Empty(_store.Names);
        Assert.Throws<UnknownAdapterException>(() => _store.Lease([new("a", 1)]));

        // The name may be taken by another adapter meanwhile.
        await LoadAsync("a", _second);
        one.Dispose();
        one.Dispose();
        await Task.Yield();
        Assert.False(unloading.IsCompleted);
        List<int> unloaded = [];
        _engine.OnUnload = unloaded.Add;
        two.Dispose();
        await unloading;
        Assert.Equal([0], unloaded);
        Assert.Equal(["a"], _store.Names);
    }

    [Fact]
    public async Task Who_gives_up_waiting_still_gets_it_unloaded()
    {
        TaskCompletionSource<int> unloaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _engine.OnUnload = adapter => unloaded.TrySetResult(adapter);
        await LoadAsync("a", _first);
        AdapterLease lease = _store.Lease([new("a", 1)]);
        using CancellationTokenSource source = new();
        Task unloading = _store.UnloadAsync("a", source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => unloading);
        Assert.False(unloaded.Task.IsCompleted);
        lease.Dispose();
        Assert.Equal(0, await unloaded.Task);
    }

    [Fact]
    public async Task A_request_with_adapters_gets_their_answer_and_may_be_left_early()
    {
        await LoadAsync("a", _first);
        using (AdapterLease lease = _store.Lease([new("a", 1)]))
        {
            GenerationRequest request = LoopHarness.Request([1, 2, 3], maxTokens: 40) with { Adapters = lease.Set };
            List<int> answer = [];
            await foreach (GeneratedToken token in _generator.GenerateAsync(request))
            {
                answer.Add(token.Id);
                if (answer.Count == 9)
                {
                    break;
                }
            }

            Assert.Equal(Reference.Generate(request, 64)[..9], answer);
            Assert.NotEqual(Reference.Generate(request with { Adapters = AdapterSet.None }, 64)[..9], answer);
        }

        await _store.UnloadAsync("a", default);
        Assert.Empty(_store.Names);
    }

    [Fact]
    public async Task Requests_loads_and_unloads_at_once_end_well()
    {
        await LoadAsync("stays", _second);
        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(async () =>
        {
            string name = $"a{i}";
            await LoadAsync(name, _first);
            for (int round = 0; round < 5; round++)
            {
                using AdapterLease lease = _store.Lease([new(name, 1), new("stays", round)]);
                GenerationRequest request = LoopHarness.Request([i, round, 3], maxTokens: 6) with { Adapters = lease.Set };
                List<GeneratedToken> answer = await _generator.GenerateAsync(request).ToListAsync();
                Assert.Equal(Reference.Generate(request, 64), answer.Select(token => token.Id));
            }

            await _store.UnloadAsync(name, default);
        })));
        Assert.Equal(["stays"], _store.Names);
        await _store.UnloadAsync("stays", default);
        _engine.CheckIntegrity();
    }

    [Fact]
    public async Task Where_the_model_is_not_in_this_process_adapters_cannot_be_loaded() =>
        await Assert.ThrowsAsync<NotSupportedException>(
            () => new AdapterStore().LoadAsync("a", _first.Path, default));

    [Fact]
    public async Task A_file_that_is_no_gguf_is_refused()
    {
        await File.WriteAllTextAsync(_first.Path, "hello, this is no adapter");
        await Assert.ThrowsAsync<GgufFormatException>(() => LoadAsync("a", _first));
        Assert.Empty(_store.Names);
    }

    private Task LoadAsync(string name, AdapterFile file) => _store.LoadAsync(name, file.Path, default);
}
