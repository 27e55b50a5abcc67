using System.Runtime.InteropServices;

namespace SmolLM3.Cli.Evaluation;

/// <summary>The logits after every token: float32, little-endian, <c>[tokens, vocabulary]</c>.</summary>
internal static class LogitsFile
{
    public static void Write(Rows rows, int[] tokens, Stream output, CancellationToken cancellationToken) => rows.Compute(
        tokens, firstLogits: 0, (_, logits) => output.Write(MemoryMarshal.AsBytes(logits)), cancellationToken);
}
