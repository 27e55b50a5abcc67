namespace SmolLM3.Extensions;

/// <summary>A snapshot was refused; nothing of it is in use. The conversation itself is not lost: a request that sends
/// it computes it anew.</summary>
public sealed class PrefixSnapshotException : IOException
{
    private PrefixSnapshotException(PrefixSnapshotProblem problem, string message, Exception? inner = null)
        : base(message, inner) => Problem = problem;

    /// <summary>What is wrong.</summary>
    public PrefixSnapshotProblem Problem { get; }

    internal static PrefixSnapshotException NotASnapshot() => new(
        PrefixSnapshotProblem.NotASnapshot,
        "This is not a snapshot of a conversation. Give a stream that stands where SavePrefixAsync began to write.");

    internal static PrefixSnapshotException OtherVersion(int found, int known) => new(
        PrefixSnapshotProblem.OtherVersion,
        $"The snapshot has version {found} of the format, but this library reads version {known}. Save it again.");

    internal static PrefixSnapshotException Truncated() => new(
        PrefixSnapshotProblem.Truncated,
        "The snapshot is truncated: it was not written or copied to its end. Delete it and save it again.");

    internal static PrefixSnapshotException Damaged(string what, Exception? inner = null) => new(
        PrefixSnapshotProblem.Damaged,
        $"The snapshot is damaged: {what}{(inner is null ? "" : $" ({inner.Message})")}. Delete it and save it again.",
        inner);

    internal static PrefixSnapshotException OtherModel(string found, string own) => new(
        PrefixSnapshotProblem.OtherModel,
        $"The snapshot is of another model, or of another quantization of it: of the file with fingerprint {found}, "
        + $"but this client serves {own}. Serve that model, or save the conversation with this one.");

    internal static PrefixSnapshotException OtherAdapters(IReadOnlyList<string> missing, IReadOnlyList<string> loaded) =>
        new(
            PrefixSnapshotProblem.OtherModel,
            "The snapshot was computed with LoRA adapters that are not loaded: of the files with fingerprint "
            + $"{string.Join(", ", missing)}; loaded "
            + (loaded.Count == 0 ? "is none" : $"are {string.Join(", ", loaded)}")
            + ". Load them under any name, or save the conversation again.");

    internal static PrefixSnapshotException OtherEngine(string found, string own) => new(
        PrefixSnapshotProblem.OtherEngine,
        $"The snapshot was computed by \"{found}\", but here computes \"{own}\", whose numbers differ. Use the "
        + "same settings and kernels, or save the conversation again.");

    internal static PrefixSnapshotException TooLong(int tokens, int contextLength) => new(
        PrefixSnapshotProblem.TooLong,
        $"The snapshot has {tokens:N0} tokens, but the context of this client holds {contextLength:N0}, the question "
        + "and the answer included. Set a larger SmolLM3Options.ContextLength or CapacityTokens.");

    internal static PrefixSnapshotException NoRoom(int tokens) => new(
        PrefixSnapshotProblem.NoRoom,
        $"There is no room for the {tokens:N0} tokens of the snapshot beside the requests in flight, or "
        + "SmolLM3Options.MaxCachedTokens is less. Try again when fewer requests are, or raise MaxCachedTokens, "
        + "CapacityTokens or MaxSequences.");
}
