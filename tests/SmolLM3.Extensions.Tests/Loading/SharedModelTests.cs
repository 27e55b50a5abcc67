using SmolLM3.Extensions.Loading;
using SmolLM3.Extensions.Tests.Chat;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Tests.Loading;

public class SharedModelTests
{
    private readonly ScriptedGenerator _generator = new(_ => [], 1);
    private readonly List<string> _order = [];

    [Fact]
    public async Task The_last_holder_frees_the_model()
    {
        int freed = 0;
        SharedModel model = new(Load, _ => freed++);
        Assert.True(model.TryHold());
        Assert.True(model.TryHold());
        await model.GetAsync(CancellationToken.None);

        await model.ReleaseAsync();
        Assert.False(_generator.IsDisposed);
        await model.ReleaseAsync();
        Assert.True(_generator.IsDisposed);
        Assert.Equal(["engine", "file"], _order);
        Assert.Equal(1, freed);
        Assert.False(model.TryHold());
    }

    [Fact]
    public async Task Holders_who_ask_at_once_share_one_load()
    {
        int loads = 0;
        SharedModel model = new(() =>
        {
            Interlocked.Increment(ref loads);
            return Load();
        });
        model.TryHold();
        LoadedModel[] loaded = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => Task.Run(() => model.GetAsync(CancellationToken.None))));
        Assert.Single(loaded.Distinct());
        Assert.Equal(1, loads);
    }

    [Fact]
    public async Task A_failed_load_is_tried_again()
    {
        bool fails = true;
        SharedModel model = new(() => fails ? throw new InvalidDataException("broken") : Load());
        model.TryHold();
        await Assert.ThrowsAsync<InvalidDataException>(() => model.GetAsync(CancellationToken.None));
        fails = false;
        Assert.NotNull(await model.GetAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Who_stops_waiting_does_not_stop_the_load()
    {
        TaskCompletionSource gate = new();
        SharedModel model = new(() =>
        {
            gate.Task.Wait();
            return Load();
        });
        model.TryHold();
        using CancellationTokenSource source = new();
        Task<LoadedModel> impatient = model.GetAsync(source.Token);
        Task<LoadedModel> patient = model.GetAsync(CancellationToken.None);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        gate.SetResult();
        Assert.NotNull(await patient);
    }

    [Fact]
    public async Task A_load_nobody_waits_for_is_cancelled_and_the_next_who_asks_loads_anew()
    {
        int loads = 0;
        TaskCompletionSource cancelled = new(), winding = new();
        SharedModel model = new(async token =>
        {
            if (Interlocked.Increment(ref loads) == 1)
            {
                using CancellationTokenRegistration told = token.Register(cancelled.SetResult);
                await winding.Task;
                token.ThrowIfCancellationRequested();
            }

            return Load();
        });
        model.TryHold();
        using CancellationTokenSource source = new();
        Task<LoadedModel>[] both = [model.GetAsync(source.Token), model.GetAsync(source.Token)];
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => both[0]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => both[1]);
        await cancelled.Task;

        Task<LoadedModel> next = model.GetAsync(CancellationToken.None);
        Assert.Equal(1, loads);
        winding.SetResult();
        Assert.NotNull(await next);
        Assert.Equal(2, loads);
    }

    [Fact]
    public async Task A_load_that_came_to_its_end_although_nobody_waited_is_used()
    {
        int loads = 0;
        TaskCompletionSource gate = new();
        SharedModel model = new(async _ =>
        {
            loads++;
            await gate.Task;
            return Load();
        });
        model.TryHold();
        using CancellationTokenSource source = new();
        Task<LoadedModel> impatient = model.GetAsync(source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        Task<LoadedModel> next = model.GetAsync(CancellationToken.None);
        gate.SetResult();
        Assert.NotNull(await next);
        Assert.Equal(1, loads);
    }

    [Fact]
    public async Task A_model_that_was_never_or_badly_loaded_is_freed_without_trouble()
    {
        SharedModel never = new(Load);
        never.TryHold();
        await never.ReleaseAsync();
        SharedModel badly = new(() => throw new InvalidDataException("broken"));
        badly.TryHold();
        await Assert.ThrowsAsync<InvalidDataException>(() => badly.GetAsync(CancellationToken.None));
        await badly.ReleaseAsync();
        Assert.False(_generator.IsDisposed);
    }

    [Fact]
    public async Task A_freed_model_loads_no_more()
    {
        int loads = 0;
        SharedModel model = new(() =>
        {
            loads++;
            return Load();
        });
        model.TryHold();
        await model.ReleaseAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => model.GetAsync(CancellationToken.None));
        Assert.Equal(0, loads);
    }

    private LoadedModel Load() => new()
    {
        Tokenizer = Vocabularies.Tiny,
        Vocabulary = new(Vocabularies.Tiny),
        Generator = _generator,
        Model = new ModelInfo("smollm3", null, 1, 1, 1, 1),
        Engine = new EngineInfo("scripted", "none", 1, true),
        ContextLength = 1,
        Owned = [new Owned("engine", _order), new Owned("file", _order)],
    };

    private sealed class Owned(string name, List<string> order) : IDisposable
    {
        public void Dispose() => order.Add(name);
    }
}
