using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed.Adapters;
using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Inference.Managed;

/// <summary>
/// The engine in pure C#. Logits of a sequence are the same to the bit whatever else is in the batch, however the
/// sequence was cut into batches, and however many threads compute.
/// </summary>
public sealed unsafe class ManagedEngine : IInferenceEngine
{
    private readonly GgufFile _file;
    private readonly ModelConfig _config;
    private readonly KvStore _store;
    private readonly Workspace _space;
    private readonly ForwardPass _pass;
    private readonly BatchAdmission _admission;
    private readonly LoraAdapters _adapters;
    private readonly Stack<IDisposable> _owned = new();
    private SequenceState? _state;
    private int _logitsRows;
    private bool _disposed;

    /// <summary>Makes an engine on an open file, which must stay open as long as the engine is used.</summary>
    /// <exception cref="UnsupportedModelException">The file holds a model this engine does not run.</exception>
    /// <exception cref="GgufFormatException">Metadata or tensors are missing or do not go together.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="ArgumentException"><see cref="EngineOptions.Kernels"/> names no kernel set.</exception>
    /// <exception cref="PlatformNotSupportedException">It names a set this machine cannot run.</exception>
    /// <exception cref="InsufficientMemoryException">The context does not fit into memory.</exception>
    public ManagedEngine(GgufFile file, EngineOptions options, ILogger? logger = null)
        : this(file, options, KernelSet.For(options), logger: logger)
    {
    }

    internal ManagedEngine(
        GgufFile file,
        EngineOptions options,
        KernelSet kernels,
        int blockTokens = KvDefaults.BlockTokens,
        long? smallWork = null,
        ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(options);
        EngineOptionsCheck.Check(options);
        logger ??= NullLogger.Instance;
        _file = file;
        _config = ModelConfigReader.Read(file, options.YarnFactor);
        Limits = MakeLimits(options, blockTokens);
        int blocks = Limits.CapacityTokens / blockTokens;
        try
        {
            ModelWeights weights = Own(new ModelWeights(file, _config, kernels));
            long weightBytes = file.Tensors.Sum(tensor => tensor.ByteLength);
            KvMemory memory = Own(new KvMemory(_config, blocks, blockTokens, options.KvCacheType, weightBytes));
            _store = new KvStore(blocks, blockTokens, Limits.MaxSequences, Limits.ContextLength, memory);
            _adapters = Own(new LoraAdapters(file, _config.Layers, _store));
            _space = Own(new Workspace(_config, weights, kernels, Limits.MaxBatchRows));
            WorkerPool pool = Own(new WorkerPool(options.Threads ?? Environment.ProcessorCount));
            VectorKernel vector = VectorKernel.Of(kernels);
            _pass = Own(new ForwardPass(
                _config, weights, _space, _store, memory, _adapters, vector, pool, Limits.MaxBatchRows, smallWork));
            Memory = memory;
            Info = new EngineInfo("managed", kernels.Name, pool.Workers, IsBatchInvariant: true)
            {
                MixesAdapters = true,
            };
            _admission = new BatchAdmission(
                _store, Limits, _config.Vocabulary, _adapters.Sets, Info.MixesAdapters);
            Model = new ModelInfo(
                ModelConfig.SupportedArchitecture,
                _config.Name,
                _config.Vocabulary,
                _config.TrainedContextLength,
                weights.ParameterCount,
                memory.BytesPerToken);
        }
        catch
        {
            Dispose();
            throw;
        }

        Report(logger);
    }

    /// <inheritdoc/>
    public ModelInfo Model { get; }

    /// <inheritdoc/>
    public EngineInfo Info { get; }

    /// <inheritdoc/>
    public EngineLimits Limits { get; }

    /// <inheritdoc/>
    /// <remarks>Counts whole blocks; a sequence whose last block is partly filled can go on in that besides.</remarks>
    public int FreeTokens => Alive._store.FreeTokens;

    /// <summary>Who owns which block, for tests.</summary>
    internal KvStore Store => _store;

    /// <summary>Bytes of the buffers of a forward pass.</summary>
    internal long WorkspaceBytes => _space.Bytes;

    /// <summary>Bytes of the adapters that are loaded.</summary>
    internal long AdapterBytes => _adapters.Bytes;

    /// <summary>Bytes of keys and values that are reserved.</summary>
    internal long KvBytes => Memory.Bytes;

    private KvMemory Memory { get; }

    private ManagedEngine Alive
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return this;
        }
    }

    /// <inheritdoc/>
    public ForwardStatus Forward(Batch batch)
    {
        Alive._admission.Check(batch);
        if (!_admission.TryReserve())
        {
            return ForwardStatus.OutOfRoom;
        }

        _logitsRows = 0;
        try
        {
            _pass.Run(batch);
        }
        catch
        {
            _admission.Undo();
            throw;
        }

        _logitsRows = batch.LogitsCount;
        return ForwardStatus.Completed;
    }

    /// <inheritdoc/>
    public Span<float> GetLogits(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Alive._logitsRows);
        return new Span<float>(_space.Logits + ((long)index * _config.Vocabulary), _config.Vocabulary);
    }

    /// <inheritdoc/>
    public int GetLength(int sequence) => Alive._store.GetLength(Checked(sequence));

    /// <inheritdoc/>
    public bool CopyPrefix(int from, int to, int length)
    {
        RequireEmpty(Alive.Checked(to), nameof(to));
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _store.GetLength(Checked(from)));
        _adapters.Sets.RequireEqual(from, to);
        return _store.CopyPrefix(from, to, length);
    }

    /// <inheritdoc/>
    public void Truncate(int sequence, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Alive._store.GetLength(Checked(sequence)));
        _store.Truncate(sequence, length);
    }

    /// <inheritdoc/>
    public void SaveSequence(int sequence, Stream destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        Alive.State.Save(Checked(sequence), destination);
    }

    /// <inheritdoc/>
    public bool LoadSequence(int sequence, Stream source)
    {
        ArgumentNullException.ThrowIfNull(source);
        RequireEmpty(Alive.Checked(sequence), nameof(sequence));
        return State.Load(sequence, source, Limits.ContextLength);
    }

    /// <inheritdoc/>
    public int LoadAdapter(GgufFile file) => Alive._adapters.Load(file);

    /// <inheritdoc/>
    public void UnloadAdapter(int adapter) => Alive._adapters.Unload(adapter);

    /// <inheritdoc/>
    public void SetAdapters(int sequence, AdapterSet adapters) => Alive._adapters.Set(Checked(sequence), adapters);

    /// <inheritdoc/>
    public AdapterSet GetAdapters(int sequence) => Alive._adapters.Sets.Get(Checked(sequence));

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        while (_owned.TryPop(out IDisposable? owned))
        {
            owned.Dispose();
        }
    }

    private SequenceState State =>
        _state ??= new SequenceState(_config, _store, Memory, ModelFingerprint.Compute(_file, _config));

    private static EngineLimits MakeLimits(EngineOptions options, int blockTokens)
    {
        long capacity = options.CapacityTokens ?? options.ContextLength;
        long blocks = Math.Min((capacity + blockTokens - 1) / blockTokens, int.MaxValue / blockTokens);
        return new EngineLimits(
            options.ContextLength, options.MaxSequences, options.MaxBatchRows, (int)blocks * blockTokens);
    }

    private T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Push(owned);
        return owned;
    }

    private int Checked(int sequence)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sequence);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(sequence, Limits.MaxSequences);
        return sequence;
    }

    private void RequireEmpty(int sequence, string parameter)
    {
        if (_store.GetLength(sequence) != 0)
        {
            throw new ArgumentException(
                $"Sequence {sequence} holds {_store.GetLength(sequence)} tokens; truncate it to 0 first.", parameter);
        }
    }

    private void Report(ILogger logger)
    {
        ManagedEngineLog.Loaded(
            logger,
            Model.Name ?? _file.Path ?? Model.Architecture,
            Model.ParameterCount,
            Info.Kernels,
            Info.Threads,
            Limits.ContextLength,
            Limits.CapacityTokens,
            (long)Limits.CapacityTokens * Model.KvBytesPerToken);
        if (Limits.ContextLength > Model.TrainedContextLength)
        {
            ManagedEngineLog.ContextTooLong(logger, Limits.ContextLength, Model.TrainedContextLength);
        }
    }
}
