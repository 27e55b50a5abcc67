using System.IO.Pipelines;
using SmolLM3.Extensions.Adapters;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Loading;

namespace SmolLM3.Extensions.Snapshots;

/// <summary>Saves and restores what a model has computed for the beginning of a conversation.</summary>
internal static class PrefixSnapshots
{
    /// <summary>Computes what is missing and writes a snapshot.</summary>
    public static async Task<SmolLM3PrefixSnapshot> SaveAsync(
        LoadedModel model,
        List<int> tokens,
        IReadOnlyList<AdapterChoice> choices,
        Stream destination,
        CancellationToken cancellationToken)
    {
        (LocalGenerator generator, SnapshotOrigin origin) = Find(model);
        using AdapterLease adapters = model.Adapters.Lease(choices);
        Pipe state = SnapshotMemory.Create();
        await generator.SavePrefixAsync(tokens, adapters.Set, state.Writer.AsStream(), cancellationToken)
            .ConfigureAwait(false);
        await state.Writer.CompleteAsync().ConfigureAwait(false);
        ReadResult all = await state.Reader.ReadAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            long bytes = await SnapshotWriter.WriteAsync(
                origin.With(adapters.Origins), tokens, all.Buffer, destination, cancellationToken).ConfigureAwait(false);
            return new(tokens.Count, bytes, origin.Fingerprint, SnapshotFormat.Version);
        }
        finally
        {
            await state.Reader.CompleteAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Reads and checks a snapshot and puts it where requests find it.</summary>
    public static async Task<SmolLM3PrefixSnapshot> RestoreAsync(
        LoadedModel model, Stream source, CancellationToken cancellationToken)
    {
        (LocalGenerator generator, SnapshotOrigin origin) = Find(model);
        using SnapshotReader snapshot = new(source, model, cancellationToken);
        Stream state = await snapshot.ReadAsync(origin).ConfigureAwait(false);
        try
        {
            bool fits = await generator.RestorePrefixAsync(
                snapshot.Tokens, snapshot.Adapters.Set, state, cancellationToken).ConfigureAwait(false);
            return fits
                ? new(snapshot.Tokens.Count, snapshot.Bytes, origin.Fingerprint, SnapshotFormat.Version)
                : throw PrefixSnapshotException.NoRoom(snapshot.Tokens.Count);
        }
        catch (InvalidDataException exception)
        {
            throw PrefixSnapshotException.Damaged("the engine cannot read it", exception);
        }
    }

    private static (LocalGenerator Generator, SnapshotOrigin Origin) Find(LoadedModel model) =>
        model is { Generator: LocalGenerator generator, Origin: { } origin }
            ? (generator, origin.Value)
            : throw new NotSupportedException(
                "The model is not computed in this process, so its keys and values cannot be saved or restored.");
}
