using Microsoft.Extensions.Logging;

namespace SmolLM3.Extensions.Loading;

/// <summary>Runs models elsewhere than on an engine of this process. Clients on equal hosts may share a model.</summary>
internal interface IModelHost
{
    /// <summary>Where name and tokenizer come from; null: from the options' own model.</summary>
    ModelSource? FindSource(SmolLM3Options options);

    /// <summary>Makes what stands for the model here; called on a pool thread, which it may block.</summary>
    LoadedModel Load(ModelKey key, ILoggerFactory loggerFactory);
}
