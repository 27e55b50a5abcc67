using LLama.Native;
using Microsoft.Extensions.Logging;
using SmolLM3.Extensions.LLamaSharp.Native;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;

namespace SmolLM3.Extensions.LLamaSharp;

/// <summary>The engine on llama.cpp: one context whose cells of keys and values all sequences share. Logits depend on
/// what else is in a batch, in their last digits.</summary>
/// <remarks>llama.cpp ends the process where it is called wrongly, so everything it would refuse is refused here before
/// the call; who owns which cell is counted by the managed engine's store, with one token a block. Nothing is ever
/// shifted: that would rotate keys of the layers without positions.</remarks>
internal sealed class LLamaSharpEngine : IInferenceEngine
{
    private readonly LlamaContext _context;
    private readonly LlamaAdapters _adapters;
    private readonly KvStore _cells;
    private readonly BatchAdmission _admission;
    private readonly LLamaBatch _batch = new();
    private readonly List<int> _logitsRows = [];
    private bool _disposed;

    /// <summary>Loads a model.</summary>
    /// <param name="file">The model, which stays open as long as the engine is used.</param>
    /// <param name="options">How the engine is set up.</param>
    /// <param name="llama">How llama.cpp is.</param>
    /// <param name="backend">The native library that is loaded.</param>
    /// <param name="logger">Where it logs.</param>
    /// <exception cref="UnsupportedModelException">The file holds a model this engine does not run.</exception>
    /// <exception cref="GgufFormatException">Metadata do not go together, or llama.cpp cannot read the file.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="InsufficientMemoryException">The model or its context does not fit into memory.</exception>
    /// <exception cref="LLamaSharpUnavailableException">A GPU was required by name and none computes.</exception>
    public LLamaSharpEngine(
        GgufFile file, EngineOptions options, LLamaSharpOptions llama, NativeCandidate backend, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(options);
        EngineOptionsCheck.Check(options);
        ModelConfig config = ModelConfigReader.Read(file, options.YarnFactor);
        LlamaFileCheck.Model(file, config);
        _context = new LlamaContext(file, config, options, llama, logger);
        try
        {
            Limits = new EngineLimits(
                options.ContextLength, options.MaxSequences, _context.BatchRows, _context.CapacityTokens);
            _cells = new KvStore(
                Limits.CapacityTokens, blockTokens: 1, Limits.MaxSequences, Limits.ContextLength, NoMemory.Instance);
            _adapters = new LlamaAdapters(file, _context, Limits.MaxSequences);
            _admission = new BatchAdmission(_cells, Limits, config.Vocabulary, _adapters.Sets, mixesAdapters: false);
            Info = new EngineInfo("llamasharp", backend.Name, _context.Threads, IsBatchInvariant: false)
            {
                GpuLayers = _context.GpuLayers,
            };
            Model = new ModelInfo(
                ModelConfig.SupportedArchitecture,
                config.Name,
                config.Vocabulary,
                config.TrainedContextLength,
                file.Tensors.Sum(tensor => tensor.RowCount * tensor.Dimensions[0]),
                LlamaKvType.BytesPerToken(config, options.KvCacheType));
            RequireGpu(backend, llama, Info.GpuLayers, logger);
            logger.Runs(
                backend.Name, backend.Library, Info.GpuLayers, config.Layers + 1, Info.Threads, Limits.CapacityTokens);
        }
        catch
        {
            _context.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ModelInfo Model { get; }

    /// <inheritdoc/>
    public EngineInfo Info { get; }

    /// <inheritdoc/>
    public EngineLimits Limits { get; }

    /// <inheritdoc/>
    public int FreeTokens => Alive._cells.FreeTokens;

    private LLamaSharpEngine Alive
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return this;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="LlamaException">llama.cpp failed; nothing was stored.</exception>
    public ForwardStatus Forward(Batch batch)
    {
        Alive._admission.Check(batch);
        _adapters.Use(_adapters.Sets.Get(batch.Rows[0].Sequence));
        if (!_admission.TryReserve())
        {
            return ForwardStatus.OutOfRoom;
        }

        _logitsRows.Clear();
        Fill(batch);
        DecodeResult result = _context.Handle.Decode(_batch);
        if (result == DecodeResult.Ok)
        {
            return ForwardStatus.Completed;
        }

        // Parts of the batch may have been stored.
        _logitsRows.Clear();
        _admission.Undo();
        foreach (BatchRow row in batch.Rows)
        {
            Trim(row.Sequence, _cells.GetLength(row.Sequence));
        }

        return result == DecodeResult.NoKvSlot
            ? ForwardStatus.OutOfRoom
            : throw new LlamaException($"llama.cpp could not compute {batch.Count} rows: {result}. {NativeLog.Errors}");
    }

    /// <inheritdoc/>
    public Span<float> GetLogits(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Alive._logitsRows.Count);
        return _context.Handle.GetLogitsIth(_logitsRows[index]);
    }

    /// <inheritdoc/>
    public int GetLength(int sequence) => Alive._cells.GetLength(Checked(sequence));

    /// <inheritdoc/>
    public bool CopyPrefix(int from, int to, int length)
    {
        RequireEmpty(Alive.Checked(to), nameof(to));
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _cells.GetLength(Checked(from)));
        _adapters.Sets.RequireEqual(from, to);
        _cells.CopyPrefix(from, to, length);
        if (length > 0)
        {
            _context.Handle.MemorySequenceCopy((LLamaSeqId)from, (LLamaSeqId)to, 0, length);
        }

        return true;
    }

    /// <inheritdoc/>
    public void Truncate(int sequence, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        int before = Alive._cells.GetLength(Checked(sequence));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, before);
        if (length < before)
        {
            Trim(sequence, length);
            _cells.Truncate(sequence, length);
        }
    }

    /// <inheritdoc/>
    public void SaveSequence(int sequence, Stream destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        Alive._context.States.Save(Checked(sequence), _cells.GetLength(sequence), destination);
    }

    /// <inheritdoc/>
    public bool LoadSequence(int sequence, Stream source)
    {
        ArgumentNullException.ThrowIfNull(source);
        RequireEmpty(Alive.Checked(sequence), nameof(sequence));
        int most = Math.Min(Limits.ContextLength, _cells.FreeTokens);
        if (!_context.States.TryLoad(sequence, source, most, out int length))
        {
            return false;
        }

        _cells.Extend(sequence, length);
        return true;
    }

    /// <inheritdoc/>
    public int LoadAdapter(GgufFile file) => Alive._adapters.Load(file);

    /// <inheritdoc/>
    public void UnloadAdapter(int adapter) => Alive._adapters.Unload(adapter, _cells.GetLength);

    /// <inheritdoc/>
    public void SetAdapters(int sequence, AdapterSet adapters) =>
        Alive._adapters.Sets.Set(Checked(sequence), adapters, _cells.GetLength(sequence));

    /// <inheritdoc/>
    public AdapterSet GetAdapters(int sequence) => Alive._adapters.Sets.Get(Checked(sequence));

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        _context.Dispose();
    }

    // A driver that is too old or a GPU that is hidden: llama.cpp computes on the CPU then, and does not mention it.
    private static void RequireGpu(NativeCandidate backend, LLamaSharpOptions llama, int layers, ILogger logger)
    {
        bool hasGpu = backend.Backend is LLamaSharpBackend.Cuda or LLamaSharpBackend.Vulkan or LLamaSharpBackend.Metal;
        if (!hasGpu || layers > 0 || llama.GpuLayerCount == 0 || llama.Backend == LLamaSharpBackend.Cpu)
        {
            return;
        }

        if (llama.Backend != LLamaSharpBackend.Auto && llama.Required)
        {
            throw new LLamaSharpUnavailableException(
                $"{backend.Name} is loaded but found no GPU to compute on: its driver may be too old for it, or the GPU "
                + "hidden, as by CUDA_VISIBLE_DEVICES. Mend that, or choose the backend Auto or Cpu.");
        }

        logger.NoGpu(backend.Name);
    }

    private void Fill(Batch batch)
    {
        _batch.Clear();
        foreach (BatchRow row in batch.Rows)
        {
            bool wantsLogits = row.LogitsIndex >= 0;
            int place = _batch.Add(row.Token, row.Position, (LLamaSeqId)row.Sequence, wantsLogits);
            if (wantsLogits)
            {
                _logitsRows.Add(place);
            }
        }
    }

    // llama.cpp says whether it could, but LLamaSharp does not pass that on.
    private void Trim(int sequence, int length)
    {
        _context.Handle.MemorySequenceRemove((LLamaSeqId)sequence, length, -1);
        int last = (int)_context.Handle.MemorySequenceMaxPosition((LLamaSeqId)sequence);
        if (last >= length)
        {
            throw new LlamaException($"llama.cpp did not cut sequence {sequence} to {length} tokens: it holds {last + 1}.");
        }
    }

    private int Checked(int sequence)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sequence);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(sequence, Limits.MaxSequences);
        return sequence;
    }

    private void RequireEmpty(int sequence, string parameter)
    {
        if (_cells.GetLength(sequence) != 0)
        {
            throw new ArgumentException(
                $"Sequence {sequence} holds {_cells.GetLength(sequence)} tokens; truncate it to 0 first.", parameter);
        }
    }

    /// <summary>With one token a block nothing is ever copied.</summary>
    private sealed class NoMemory : IBlockMemory
    {
        public static NoMemory Instance { get; } = new();

        public void Copy(int source, int destination, int tokens) =>
            throw new InvalidOperationException("A block of one token cannot be partly filled.");
    }
}
