using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using SmolLM3.Extensions;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Loading;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;
using SmolLM3.Inference.Managed.Kernels;
using SmolLM3.TinyModel;

namespace SmolLM3.TinyModelTests.Soak;

/// <summary>The tiny model with so little room that requests are parked and prefixes dropped, and with somebody who
/// looks over the generator's shoulder: the books are checked whenever a request starts, on the thread that keeps
/// them.</summary>
internal sealed class SoakModel : IEngineFactory
{
    private const int Context = 1_280;
    private const int Capacity = 1_600;
    private const int Sequences = 8;

    // Of debug and of release builds alike.
    private const int BlockTokens = 16;

    private readonly ConcurrentQueue<string> _complaints = [];
    private readonly LogListener _log;

    // The generator's thread is the only one to touch them, until it has ended.
    private readonly HashSet<object?> _open = [];
    private readonly HashSet<object?> _ended = [];

    private GenerationLoop? _loop;
    private ManagedEngine? _engine;

    public SoakModel()
    {
        _log = new LogListener(Hear);
        SmolLM3Options options = new SmolLM3Options
        {
            ContextLength = Context, CapacityTokens = Capacity, MaxSequences = Sequences,
        }.UseTinyModel();
        Client = new SmolLM3ChatClient(options, Share, _log, TimeProvider.System);

        SharedModel Share(ModelSource source)
        {
            SharedModel model = new(() => Load(ModelKey.From(options, source, this)));
            model.TryHold();
            return model;
        }
    }

    public SmolLM3ChatClient Client { get; }

    /// <summary>How often a request gave up its place for lack of room.</summary>
    public int Parked { get; private set; }

    /// <summary>How often a kept prefix was dropped for lack of room.</summary>
    public int Evicted { get; private set; }

    /// <summary>What was found wrong.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    public IInferenceEngine Create(GgufFile file, EngineOptions options, ILoggerFactory loggerFactory) =>
        _engine = new ManagedEngine(file, options, KernelSet.For(options), BlockTokens);

    /// <summary>Disposes the client, which ends the generator's thread, and settles the account.</summary>
    public async Task CloseAsync()
    {
        await Client.DisposeAsync();
        if (_open.Count > 0)
        {
            _complaints.Enqueue($"{_open.Count} requests never ended.");
        }

        // They are numbered from 1 in the order of arrival.
        if (_ended.Count > 0 && _ended.Count != _ended.Cast<long>().Max())
        {
            _complaints.Enqueue($"{_ended.Count} of {_ended.Cast<long>().Max()} requests ended.");
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_loop")]
    private static extern ref GenerationLoop LoopOf(LocalGenerator generator);

    private LoadedModel Load(ModelKey key)
    {
        LoadedModel model = ModelLoader.Load(key, _log);
        _loop = LoopOf((LocalGenerator)model.Generator);
        return model;
    }

    private void Hear(string? message, IReadOnlyDictionary<string, object?> values)
    {
        switch (message)
        {
            case nameof(GenerationLog.Started):
                _open.Add(values["Request"]);
                CheckBooks();
                break;
            case nameof(GenerationLog.Ended) or nameof(GenerationLog.Cancelled) or nameof(GenerationLog.Failed):
                _open.Remove(values["Request"]);
                if (!_ended.Add(values["Request"]))
                {
                    _complaints.Enqueue($"Request {values["Request"]} ended twice.");
                }

                break;
            case nameof(GenerationLog.Parked):
                Parked++;
                break;
            case nameof(GenerationLog.Evicted):
                Evicted++;
                break;
            case nameof(GenerationLog.StepFailed) or nameof(GenerationLog.Aborted) or nameof(GenerationLog.NotCleared)
                or nameof(GenerationLog.BooksDisagree):
                _complaints.Enqueue($"The generator logs {message}.");
                break;
        }
    }

    // Sequences between two steps: the generator's books and the engine's agree, and every block is free or held by a
    // sequence that runs or is kept.
    private void CheckBooks()
    {
        try
        {
            _loop!.CheckIntegrity();
            _engine!.Store.CheckIntegrity();
        }
        catch (InvalidOperationException error)
        {
            _complaints.Enqueue(error.Message);
        }
    }
}
