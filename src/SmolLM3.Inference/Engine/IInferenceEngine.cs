namespace SmolLM3.Inference.Engine;

/// <summary>
/// Runs a model over sequences of token ids. The contract is at the level of sequences: how an engine stores their
/// keys and values is its own business.
/// </summary>
/// <remarks>
/// <para>Not thread-safe: one thread at a time may call any member. Which thread may change between calls.</para>
/// <para>A sequence is a number from 0 to <see cref="EngineLimits.MaxSequences"/> - 1; each starts empty.
/// Disposing an engine frees its memory; the model file belongs to whoever opened it and must outlive the engine.</para>
/// </remarks>
public interface IInferenceEngine : IDisposable
{
    /// <summary>Facts of the loaded model.</summary>
    ModelInfo Model { get; }

    /// <summary>What computes, on what.</summary>
    EngineInfo Info { get; }

    /// <summary>How much this engine takes at once.</summary>
    EngineLimits Limits { get; }

    /// <summary>Room left for further positions over all sequences, in tokens.</summary>
    int FreeTokens { get; }

    /// <summary>
    /// Computes every row of the batch: appends its token to its sequence, and keeps logits for the rows that asked.
    /// </summary>
    /// <param name="batch">Rows of one sequence stand in ascending order of position and go on where the sequence
    /// ends; rows of different sequences may be mixed.</param>
    /// <returns><see cref="ForwardStatus.OutOfRoom"/> when the keys and values do not fit: nothing has then been
    /// changed, and the caller frees room or sends less.</returns>
    /// <exception cref="ArgumentException">A row breaks the rules above, a token id is outside the vocabulary, a
    /// position is outside the context, or the batch is empty or larger than the limits allow.</exception>
    ForwardStatus Forward(Batch batch);

    /// <summary>Logits of the last completed <see cref="Forward"/>, shape <c>[vocabulary]</c>. The caller may write
    /// into them. Valid until the next <see cref="Forward"/>, while the engine is referenced and not disposed.</summary>
    /// <param name="index">The number <see cref="Batch.Add"/> returned for the row.</param>
    Span<float> GetLogits(int index);

    /// <summary>Tokens stored for a sequence.</summary>
    int GetLength(int sequence);

    /// <summary>Makes <paramref name="to"/>, which must be empty, hold the first <paramref name="length"/> tokens of
    /// <paramref name="from"/>. Cheap: storage is shared until written.</summary>
    /// <returns>False when there is no room for what cannot be shared.</returns>
    bool CopyPrefix(int from, int to, int length);

    /// <summary>Forgets everything of a sequence after its first <paramref name="length"/> tokens.</summary>
    void Truncate(int sequence, int length);

    /// <summary>Writes a sequence's keys and values.</summary>
    void SaveSequence(int sequence, Stream destination);

    /// <summary>Fills an empty sequence with what <see cref="SaveSequence"/> of the same model and engine wrote.</summary>
    /// <returns>False when there is no room for it.</returns>
    /// <exception cref="InvalidDataException">The data is truncated, damaged or of another model.</exception>
    bool LoadSequence(int sequence, Stream source);
}
