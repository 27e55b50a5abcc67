using SmolLM3.Inference.Gguf;

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
    /// position is outside the context, the batch is empty or larger than the limits allow, or its sequences use
    /// different adapters and the engine does not mix them (<see cref="EngineInfo.MixesAdapters"/>).</exception>
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
    /// <exception cref="ArgumentException"><paramref name="to"/> is not empty, or the two use different
    /// adapters.</exception>
    bool CopyPrefix(int from, int to, int length);

    /// <summary>Forgets everything of a sequence after its first <paramref name="length"/> tokens.</summary>
    void Truncate(int sequence, int length);

    /// <summary>Writes a sequence's keys and values.</summary>
    void SaveSequence(int sequence, Stream destination);

    /// <summary>Fills an empty sequence with what <see cref="SaveSequence"/> of the same model and engine wrote. Which
    /// adapters computed it is the caller's to know: the sequence must use the same.</summary>
    /// <returns>False when there is no room for it.</returns>
    /// <exception cref="InvalidDataException">The data is truncated, damaged or of another model.</exception>
    bool LoadSequence(int sequence, Stream source);

    /// <summary>Loads a LoRA adapter: low-rank changes of a model's linear layers, as llama.cpp's
    /// <c>convert_lora_to_gguf.py</c> writes them.</summary>
    /// <param name="file">The adapter. It is read before this returns and may be disposed then.</param>
    /// <returns>A handle of at least 0 for <see cref="AdapterUse"/>, never given again.</returns>
    /// <exception cref="GgufFormatException">It is no adapter, or was made for another base model.</exception>
    /// <exception cref="UnsupportedModelException">It changes what this library does not adapt, such as the
    /// embedding.</exception>
    /// <exception cref="InsufficientMemoryException">It does not fit into memory.</exception>
    int LoadAdapter(GgufFile file);

    /// <summary>Frees an adapter. Empty sequences that were to use it use none from now on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such adapter is loaded.</exception>
    /// <exception cref="InvalidOperationException">A sequence that is not empty uses it.</exception>
    void UnloadAdapter(int adapter);

    /// <summary>Settles which adapters an empty sequence is computed with, until it is set again; truncating it does not
    /// change that. At first there are none.</summary>
    /// <exception cref="ArgumentException">The sequence is not empty, or an adapter is not loaded.</exception>
    void SetAdapters(int sequence, AdapterSet adapters);

    /// <summary>The adapters a sequence is computed with.</summary>
    AdapterSet GetAdapters(int sequence);
}
