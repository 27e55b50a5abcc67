namespace SmolLM3.Extensions;

/// <summary>Why a snapshot was refused.</summary>
public enum PrefixSnapshotProblem
{
    /// <summary>The stream holds something else.</summary>
    NotASnapshot,

    /// <summary>It was written in another version of the format.</summary>
    OtherVersion,

    /// <summary>It ends too early.</summary>
    Truncated,

    /// <summary>Its bytes are not those that were written.</summary>
    Damaged,

    /// <summary>It is of another model, of another quantization of it, or of adapters that are not loaded.</summary>
    OtherModel,

    /// <summary>It is of this model, but was computed by another engine or kernel set, with another type of keys and
    /// values or another YaRN factor.</summary>
    OtherEngine,

    /// <summary>It has more tokens than the context of this client.</summary>
    TooLong,

    /// <summary>The requests in flight leave no room for it now.</summary>
    NoRoom,
}
