namespace SmolLM3.Extensions;

/// <summary>What <see cref="SmolLM3ChatClient.SavePrefixAsync"/> wrote, or
/// <see cref="SmolLM3ChatClient.RestorePrefixAsync"/> read.</summary>
/// <param name="TokenCount">Tokens of the conversation that need not be computed again.</param>
/// <param name="Bytes">Length of the snapshot, in bytes.</param>
/// <param name="ModelFingerprint">32 hexadecimal digits that tell the model file from others.</param>
/// <param name="FormatVersion">Version of the format.</param>
public sealed record SmolLM3PrefixSnapshot(int TokenCount, long Bytes, string ModelFingerprint, int FormatVersion);
