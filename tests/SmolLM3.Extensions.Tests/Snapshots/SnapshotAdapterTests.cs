using SmolLM3.Extensions.Adapters;
using SmolLM3.Extensions.Tests.Adapters;
using SmolLM3.Extensions.Tests.Generation;
using SmolLM3.Inference.Engine;
using static SmolLM3.Extensions.Tests.Snapshots.SnapshotModel;

namespace SmolLM3.Extensions.Tests.Snapshots;

/// <summary>Snapshots of what was computed with adapters.</summary>
public sealed class SnapshotAdapterTests : IDisposable
{
    private readonly AdapterFile _first = new(1);
    private readonly AdapterFile _second = new(2);

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }

    [Fact]
    public async Task A_snapshot_finds_its_adapters_by_their_files_whatever_they_are_called()
    {
        byte[] snapshot;
        await using (SnapshotModel model = await WithAsync(("a", _first), ("b", _second)))
        {
            snapshot = await model.SaveAsync(Prompt, new("b", 0.5f), new AdapterChoice("a", 1));
        }

        await using SnapshotModel other = await WithAsync(("x", _second), ("y", _first));
        await other.RestoreAsync(snapshot);
        Assert.Equal(0, await CachedAsync(other, []));
        Assert.Equal(0, await CachedAsync(other, [new("y", 1)]));
        Assert.Equal(0, await CachedAsync(other, [new("x", 1), new("y", 0.5f)]));
        Assert.Equal(Prompt.Length, await CachedAsync(other, [new("x", 0.5f), new("y", 1)]));

        // Nothing is held any longer.
        await other.Loaded.Adapters.UnloadAsync("x", default);
        await other.Loaded.Adapters.UnloadAsync("y", default);
    }

    [Fact]
    public async Task Without_its_adapters_a_snapshot_is_refused_by_name_of_what_is_missing()
    {
        byte[] snapshot;
        await using (SnapshotModel model = await WithAsync(("a", _first), ("b", _second)))
        {
            snapshot = await model.SaveAsync(Prompt, new("a", 1), new AdapterChoice("b", 1));
        }

        await using SnapshotModel other = await WithAsync(("a", _second));
        PrefixSnapshotException error = await other.RefuseAsync(snapshot, PrefixSnapshotProblem.OtherModel);
        Assert.Contains(_first.Fingerprint, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_second.Fingerprint, error.Message, StringComparison.Ordinal);
        Assert.Contains("loaded are a.", error.Message, StringComparison.Ordinal);
        await other.Loaded.Adapters.UnloadAsync("a", default);
    }

    [Fact]
    public async Task Without_adapters_a_snapshot_is_as_it_ever_was()
    {
        await using SnapshotModel model = await WithAsync(("a", _first));
        Assert.Equal(await SnapshotAsync(), await model.SaveAsync(Prompt));
        Assert.Equal(await SnapshotAsync(), await model.SaveAsync(Prompt, new AdapterChoice("a", 0)));
    }

    [Theory]
    [InlineData("\nno number")]
    [InlineData("\nf NaN")]
    [InlineData("\n")]
    [InlineData("\nf 1 2")]
    public async Task Adapters_in_no_known_form_are_refused(string adapters)
    {
        await using SnapshotModel model = new();
        MemoryStream stream = new();
        await SnapshotWriter(Origin with { Adapters = adapters }, stream);
        stream.Position = 0;
        await model.RefuseAsync(stream, PrefixSnapshotProblem.Damaged);
    }

    private static async Task SnapshotWriter(Extensions.Snapshots.SnapshotOrigin origin, Stream stream) =>
        await Extensions.Snapshots.SnapshotWriter.WriteAsync(origin, [1, 2], new(new byte[12]), stream, default);

    private static async Task<SnapshotModel> WithAsync(params (string Name, AdapterFile File)[] adapters)
    {
        SnapshotModel model = new();
        foreach ((string name, AdapterFile file) in adapters)
        {
            await model.Loaded.Adapters.LoadAsync(name, file.Path, default);
        }

        return model;
    }

    private static async Task<int> CachedAsync(SnapshotModel model, AdapterChoice[] choices)
    {
        using AdapterLease lease = model.Loaded.Adapters.Lease(choices);
        return (await model.Loaded.Generator.GenerateAsync(
            LoopHarness.Request([.. Prompt, 30, 31]) with { Adapters = lease.Set }).ToListAsync())[0].CachedPromptTokens;
    }
}
