using LLama.Exceptions;
using LLama.Native;
using Microsoft.Extensions.Logging;
using SmolLM3.Extensions.LLamaSharp.Native;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;

namespace SmolLM3.Extensions.LLamaSharp;

/// <summary>A model in llama.cpp's memory and its one context.</summary>
internal sealed class LlamaContext : IDisposable
{
    // llama.cpp computes this many rows at a time, of however many a batch has; more take memory and gain nothing.
    private const int MostRowsAtATime = 512;

    // What it notes of each token there is room for: position, shift, and a bit for each sequence there may be.
    private const int CellBytes = 64;

    private readonly TemporaryFile _file;
    private readonly ILogger _logger;

    /// <summary>Loads both.</summary>
    /// <exception cref="GgufFormatException">llama.cpp cannot read the file.</exception>
    /// <exception cref="ArgumentException">An option is beyond what llama.cpp takes.</exception>
    /// <exception cref="InsufficientMemoryException">The context does not fit into memory.</exception>
    public LlamaContext(
        GgufFile file, ModelConfig config, EngineOptions options, LLamaSharpOptions llama, ILogger logger)
    {
        CheckNumbers(config, options, llama);
        Threads = options.Threads ?? Environment.ProcessorCount;
        _logger = logger;
        _file = new TemporaryFile(file);
        try
        {
            lock (NativeLog.Loading)
            {
                NativeLog.Listen(logger);
                Model = LoadModel(_file.Path, llama);
                GpuLayers = NativeLog.OffloadedLayers;
                RequireVocabulary(config.Vocabulary);
                Handle = MakeContext(config, options, llama);
                NativeLog.Forget();
            }

            States = new LlamaSequenceStates(
                Handle,
                ModelFingerprint.Compute(file, config),
                options.KvCacheType,
                LlamaKvType.BytesPerToken(config, options.KvCacheType));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The model.</summary>
    public SafeLlamaModelHandle Model { get; } = null!;

    /// <summary>The context, for the one thread that owns it.</summary>
    public SafeLLamaContextHandle Handle { get; } = null!;

    /// <summary>Sequences as bytes.</summary>
    public LlamaSequenceStates States { get; } = null!;

    /// <summary>Threads that compute.</summary>
    public int Threads { get; }

    /// <summary>Layers on the GPU.</summary>
    public int GpuLayers { get; }

    /// <summary>Most rows of a batch.</summary>
    public int BatchRows => (int)Handle.BatchSize;

    /// <summary>Cells of keys and values, each for one token.</summary>
    public int CapacityTokens => (int)Handle.ContextSize;

    /// <inheritdoc/>
    public void Dispose()
    {
        Handle?.Dispose();
        Model?.Dispose();
        _file.Dispose();
        NativeLog.Leave(_logger);
    }

    // What llama.cpp would end the process for, or answer with nothing.
    private static void CheckNumbers(ModelConfig config, EngineOptions options, LLamaSharpOptions llama)
    {
        long mostSequences = NativeApi.llama_max_parallel_sequences();
        if (options.MaxSequences > mostSequences)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options.MaxSequences, $"llama.cpp has at most {mostSequences} sequences.");
        }

        long devices = NativeApi.llama_max_devices();
        if ((llama.MainGpu ?? 0) >= devices || (llama.TensorSplit?.Count ?? 0) > devices)
        {
            throw new ArgumentOutOfRangeException(
                nameof(llama), llama.MainGpu, $"llama.cpp has at most {devices} devices: MainGpu and TensorSplit say more.");
        }

        if (options.KvCacheType == KvCacheType.Q8_0 && (llama.FlashAttention == false || config.HeadDimension % 32 != 0))
        {
            throw new ArgumentException(
                "llama.cpp keeps keys and values in 8 bits only with flash attention, and heads of a multiple of 32 "
                + "numbers. Leave FlashAttention null, or KvCacheType F16.", nameof(options));
        }
    }

    private static unsafe SafeLlamaModelHandle LoadModel(string path, LLamaSharpOptions llama)
    {
        // As many as there may be devices: llama.cpp reads them all.
        float[] split = new float[NativeApi.llama_max_devices()];
        llama.TensorSplit?.ToArray().CopyTo(split, 0);
        fixed (float* parts = split)
        {
            LLamaModelParams parameters = LLamaModelParams.Default();
            parameters.n_gpu_layers = llama.Backend == LLamaSharpBackend.Cpu ? 0
                : llama.GpuLayerCount < 0 ? int.MaxValue : llama.GpuLayerCount;
            parameters.main_gpu = llama.MainGpu ?? 0;
            parameters.split_mode = llama.MainGpu is null ? parameters.split_mode : GPUSplitMode.None;
            parameters.load_mode = llama.UseMemoryMap && NativeApi.llama_supports_mmap()
                ? LLamaLoadMode.MemoryMap
                : LLamaLoadMode.None;
            parameters.tensor_split = llama.TensorSplit is null ? null : parts;
            try
            {
                return SafeLlamaModelHandle.LoadFromFile(path, parameters);
            }
            catch (LoadWeightsFailedException)
            {
                throw NativeLog.LacksMemory
                    ? new InsufficientMemoryException(
                        $"{path}: The model does not fit into memory. Lower GpuLayerCount, or use a smaller "
                        + $"quantization. {NativeLog.Errors}")
                    : new GgufFormatException($"{path}: llama.cpp could not load the model. {NativeLog.Errors}");
            }
        }
    }

    private void RequireVocabulary(int tokens)
    {
        if (Model.Vocab.Count != tokens)
        {
            throw new GgufFormatException(
                $"{_file.Path}: The embedding has {tokens} rows, but llama.cpp counts {Model.Vocab.Count} tokens.");
        }
    }

    private SafeLLamaContextHandle MakeContext(ModelConfig config, EngineOptions options, LLamaSharpOptions llama)
    {
        // More than this no sequences could fill; llama.cpp takes the memory of all cells at once.
        int capacity = (int)Math.Min(
            options.CapacityTokens ?? options.ContextLength, (long)options.MaxSequences * options.ContextLength);
        RequireMemory(capacity, LlamaKvType.BytesPerToken(config, options.KvCacheType));
        LLamaContextParams parameters = ToParameters(config, options, llama, capacity);
        SafeLLamaContextHandle handle = SafeLLamaContextHandle.Create(Model, parameters);
        if (!handle.IsInvalid)
        {
            return handle;
        }

        // LLamaSharp took a reference before it could know.
        handle.Dispose();
        Model.DangerousRelease();
        throw new InsufficientMemoryException(
            $"llama.cpp could not make a context for {capacity:N0} tokens of "
            + $"{LlamaKvType.BytesPerToken(config, options.KvCacheType):N0} bytes each. Lower ContextLength, CapacityTokens "
            + $"or GpuLayerCount. {NativeLog.Errors}");
    }

    // llama.cpp writes all of it at once. What cannot ever fit is refused here, not by a killed process.
    private void RequireMemory(int capacity, int bytesPerToken)
    {
        long bytes = capacity * (CellBytes + (GpuLayers == 0 ? (long)bytesPerToken : 0));
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (available > 0 && bytes > available)
        {
            throw new InsufficientMemoryException(
                $"A context of {capacity:N0} tokens takes {bytes:N0} bytes, but this process can have {available:N0}. Use a "
                + "shorter context or a smaller capacity.");
        }
    }

    // From llama.cpp's defaults, which leave YaRN to the file: LLamaSharp's own would overrule it.
    private LLamaContextParams ToParameters(
        ModelConfig config, EngineOptions options, LLamaSharpOptions llama, int capacity)
    {
        LLamaContextParams parameters = LLamaContextParams.Default();
        parameters.n_ctx = (uint)capacity;
        parameters.n_batch = (uint)options.MaxBatchRows;
        parameters.n_ubatch = (uint)Math.Min(options.MaxBatchRows, MostRowsAtATime);
        parameters.n_seq_max = (uint)options.MaxSequences;
        parameters.n_threads = parameters.n_threads_batch = Threads;
        parameters.kv_unified = true;
        if (llama.Backend == LLamaSharpBackend.Cpu)
        {
            // A build for Metal or a GPU that another engine loaded would compute there all the same.
            parameters.offload_kqv = parameters.op_offload = false;
        }

        parameters.no_perf = true;
        parameters.type_k = parameters.type_v = LlamaKvType.Of(options.KvCacheType);
        parameters.llama_flash_attn_type = llama.FlashAttention switch
        {
            true => LLamaFlashAttentionType.LLAMA_FLASH_ATTENTION_TYPE_ENABLED,
            false => LLamaFlashAttentionType.LLAMA_FLASH_ATTENTION_TYPE_DISABLED,
            null => LLamaFlashAttentionType.LLAMA_FLASH_ATTENTION_TYPE_AUTO,
        };
        if (options.YarnFactor is { } factor)
        {
            parameters.rope_scaling_type = factor == 1 ? RopeScalingType.None : RopeScalingType.Yarn;
            parameters.rope_freq_scale = 1 / factor;
            parameters.yarn_orig_ctx = (uint)(config.Scaling?.OriginalContextLength ?? config.ContextLength);
        }

        return parameters;
    }
}
