namespace SmolLM3.Inference.Engine;

/// <summary>One token to compute.</summary>
/// <param name="Sequence">The sequence it belongs to.</param>
/// <param name="Position">Its place in the sequence, from 0.</param>
/// <param name="Token">Its id.</param>
/// <param name="LogitsIndex">Where its logits are kept, or -1 when nobody asked.</param>
public readonly record struct BatchRow(int Sequence, int Position, int Token, int LogitsIndex);
