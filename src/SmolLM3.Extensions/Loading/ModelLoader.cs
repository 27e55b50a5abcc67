using System.Diagnostics;
using Microsoft.Extensions.Logging;
using SmolLM3.Extensions.Adapters;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Models;
using SmolLM3.Extensions.Snapshots;
using SmolLM3.Extensions.Telemetry;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Loading;

/// <summary>Opens a model file and makes everything that runs it.</summary>
internal static class ModelLoader
{
    /// <summary>Fetches a model where it is not here, and loads it.</summary>
    /// <param name="key">The model.</param>
    /// <param name="loggerFactory">Where it logs.</param>
    /// <param name="cancellationToken">Ends the fetching; a load goes on to its end.</param>
    /// <inheritdoc cref="Load" path="/exception"/>
    /// <exception cref="ModelDownloadException">It is not here and could not be fetched.</exception>
    public static async Task<LoadedModel> LoadAsync(
        ModelKey key, ILoggerFactory loggerFactory, CancellationToken cancellationToken)
    {
        ModelSource source = await key.Source
            .FetchAsync(loggerFactory.CreateLogger<ModelHub>(), cancellationToken).ConfigureAwait(false);
        return Load(key with { Source = source }, loggerFactory);
    }

    /// <summary>Loads a model; what was opened before a failure is closed.</summary>
    /// <exception cref="ModelNotFoundException">The file is not there.</exception>
    /// <exception cref="GgufFormatException">The file is not a GGUF, incomplete or damaged, or its tokenizer and
    /// its embedding differ in size.</exception>
    /// <exception cref="UnsupportedModelException">The file holds another model.</exception>
    /// <exception cref="AdapterNotFoundException">The file of an adapter is not there.</exception>
    public static LoadedModel Load(ModelKey key, ILoggerFactory loggerFactory)
    {
        using LoadActivity activity = new(key.Source.Name);
        try
        {
            LoadedModel model = key.Host is { } host ? host.Load(key, loggerFactory) : LoadCore(key, loggerFactory);
            activity.End(model.Engine);
            return model;
        }
        catch (Exception error)
        {
            activity.Fail(error);
            throw;
        }
    }

    private static LoadedModel LoadCore(ModelKey key, ILoggerFactory loggerFactory)
    {
        long start = Stopwatch.GetTimestamp();
        GgufFile file = key.Source.Open();
        IInferenceEngine? engine = null;
        try
        {
            ContextChoice context = ContextChoice.For(key, file);
            engine = key.Factory.Create(file, ToEngineOptions(key, context.Length), loggerFactory);
            Tokenizer tokenizer = Tokenizer.FromGguf(file);
            RequireOneVocabulary(key.Source, tokenizer.VocabularySize, engine.Model.VocabularySize);
            ChatVocabulary? vocabulary = ChatVocabulary.Find(file.Metadata, tokenizer);
            IReadOnlyList<LoadedAdapter> adapters = key.Adapters.LoadInto(engine);
            int contextLength = Math.Min(engine.Limits.ContextLength, engine.Limits.CapacityTokens);
            ILogger generationLogger = loggerFactory.CreateLogger<LocalGenerator>();
            loggerFactory.CreateLogger<SmolLM3ChatClient>().Loaded(
                key.Source.Name,
                (long)Stopwatch.GetElapsedTime(start).TotalMilliseconds,
                engine.Model.ParameterCount,
                engine.Info.Name,
                engine.Info.Kernels,
                engine.Info.Threads,
                contextLength,
                engine.Limits.CapacityTokens < context.Length ? "what CapacityTokens holds" : context.Reason,
                key.MaxSequences);

            // Its thread uses the engine from here on, so nothing that may fail stands behind it.
            LocalGenerator generator = new(engine, generationLogger, ToGenerationOptions(key));
            return new LoadedModel
            {
                Tokenizer = tokenizer,
                Vocabulary = vocabulary,
                Model = engine.Model,
                Engine = engine.Info,
                ContextLength = contextLength,
                Origin = new(
                    () => SnapshotOrigin.Of(file, engine.Info, key), LazyThreadSafetyMode.PublicationOnly),
                Owned = [engine, file],
                Generator = generator,
                Adapters = new AdapterStore(generator, adapters),
            };
        }
        catch
        {
            engine?.Dispose();
            file.Dispose();
            throw;
        }
    }

    // A token without a row cannot be read, a row without a token could be drawn and not be written.
    private static void RequireOneVocabulary(ModelSource source, int tokens, int rows)
    {
        if (tokens != rows)
        {
            throw new GgufFormatException(
                $"{source.Identity}: The tokenizer has {tokens} tokens, but the embedding has {rows} rows. The file was put "
                + "together from two models or converted halfway; convert it again, or fetch another one.");
        }
    }

    private static EngineOptions ToEngineOptions(ModelKey key, int contextLength) => new()
    {
        ContextLength = contextLength,
        MaxSequences = key.MaxSequences + SmolLM3Defaults.KeptSequences,
        CapacityTokens = key.CapacityTokens,
        Threads = key.Threads,
        YarnFactor = key.YarnFactor,
        KvCacheType = key.KvCacheType,
    };

    private static GenerationOptions ToGenerationOptions(ModelKey key) => new()
    {
        ModelName = key.Source.Name,
        MaxRunning = key.MaxSequences,
        MaxQueued = key.MaxQueuedRequests,
        MaxCachedTokens = key.MaxCachedTokens,
        TargetStepTime = key.TargetStepTime,
        DraftsFromPrompt = key.DraftFromPrompt,
    };
}
