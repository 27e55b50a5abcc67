using SmolLM3.Inference.Engine;

namespace SmolLM3.Cli.Evaluation;

/// <summary>Computes sequences from their beginning, some tokens at a time.</summary>
/// <param name="engine">The engine; its sequence 0 is used.</param>
/// <param name="together">Tokens a pass.</param>
internal sealed class Rows(IInferenceEngine engine, int together)
{
    private readonly Batch _batch = new(together);

    /// <summary>Takes the logits after a position, shape <c>[vocabulary]</c>; they are gone when it returns.</summary>
    public delegate void Take(int position, ReadOnlySpan<float> logits);

    /// <summary>Told before every pass.</summary>
    public Action? OnPass { get; init; }

    /// <summary>How many passes a sequence takes.</summary>
    public int Passes(int length) => (length + together - 1) / together;

    /// <summary>Computes a sequence.</summary>
    /// <param name="tokens">Its tokens.</param>
    /// <param name="firstLogits">The first position whose logits are wanted; so are those of all behind it.</param>
    /// <param name="take">Gets them in order.</param>
    /// <param name="cancellationToken">Ends it between passes.</param>
    /// <exception cref="IOException">The sequence does not fit into the memory.</exception>
    public void Compute(
        ReadOnlySpan<int> tokens, int firstLogits, Take take, CancellationToken cancellationToken)
    {
        engine.Truncate(sequence: 0, length: 0);
        for (int start = 0; start < tokens.Length; start += together)
        {
            cancellationToken.ThrowIfCancellationRequested();
            OnPass?.Invoke();
            _batch.Clear();
            int end = Math.Min(start + together, tokens.Length);
            for (int position = start; position < end; position++)
            {
                _batch.Add(sequence: 0, position, tokens[position], logits: position >= firstLogits);
            }

            if (engine.Forward(_batch) == ForwardStatus.OutOfRoom)
            {
                throw new IOException($"{tokens.Length} tokens do not fit into the memory of this machine.");
            }

            for (int row = 0; row < _batch.LogitsCount; row++)
            {
                take(end - _batch.LogitsCount + row, engine.GetLogits(row));
            }
        }
    }
}
