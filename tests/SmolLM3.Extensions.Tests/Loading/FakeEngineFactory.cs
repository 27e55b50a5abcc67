using Microsoft.Extensions.Logging;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Extensions.Tests.Loading;

/// <summary>Makes engines that only say what they are; their vocabulary is the file's.</summary>
internal sealed class FakeEngineFactory : IEngineFactory
{
    public List<Engine> Made { get; } = [];

    public IInferenceEngine Create(GgufFile file, EngineOptions options, ILoggerFactory loggerFactory)
    {
        Engine engine = new(options, (int)file.GetTensor("token_embd.weight").RowCount);
        Made.Add(engine);
        return engine;
    }

    internal sealed class Engine(EngineOptions options, int vocabulary) : IInferenceEngine
    {
        public bool IsDisposed { get; private set; }

        public ModelInfo Model { get; } = new("smollm3", "Fake", vocabulary, 4096, 1, 1);

        public EngineInfo Info { get; } = new("fake", "none", 1, true);

        public EngineLimits Limits { get; } =
            new(options.ContextLength, options.MaxSequences, 8, options.CapacityTokens ?? options.ContextLength);

        public int FreeTokens => Limits.CapacityTokens;

        public ForwardStatus Forward(Batch batch) => throw new NotSupportedException();

        public Span<float> GetLogits(int index) => throw new NotSupportedException();

        public int GetLength(int sequence) => 0;

        public bool CopyPrefix(int from, int to, int length) => throw new NotSupportedException();

        public void Truncate(int sequence, int length)
        {
        }

        public void SaveSequence(int sequence, Stream destination) => throw new NotSupportedException();

        public bool LoadSequence(int sequence, Stream source) => throw new NotSupportedException();

        public int LoadAdapter(GgufFile file) => throw new NotSupportedException();

        public void UnloadAdapter(int adapter) => throw new NotSupportedException();

        public void SetAdapters(int sequence, AdapterSet adapters) => throw new NotSupportedException();

        public AdapterSet GetAdapters(int sequence) => AdapterSet.None;

        public void Dispose() => IsDisposed = true;
    }
}
