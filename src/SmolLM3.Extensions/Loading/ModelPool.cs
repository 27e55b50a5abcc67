using Microsoft.Extensions.Logging;

namespace SmolLM3.Extensions.Loading;

/// <summary>The models in memory, one for each <see cref="ModelKey"/>. A service container has one pool; clients made
/// by hand share <see cref="Default"/>.</summary>
internal sealed class ModelPool
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ModelKey, SharedModel> _models = [];

    public static ModelPool Default { get; } = new();

    /// <summary>The model of a key, held for the caller, who releases it.</summary>
    public SharedModel Acquire(ModelKey key, ILoggerFactory loggerFactory)
    {
        lock (_lock)
        {
            if (_models.TryGetValue(key, out SharedModel? model) && model.TryHold())
            {
                return model;
            }

            model = new SharedModel(
                cancelled => ModelLoader.LoadAsync(key, loggerFactory, cancelled), freed => Remove(key, freed))
            {
                ReadHead = key.Host is null && key.Source.IsHere ? () => ModelHead.Read(key) : null,
            };
            model.TryHold();
            _models[key] = model;
            return model;
        }
    }

    private void Remove(ModelKey key, SharedModel model)
    {
        lock (_lock)
        {
            // Somebody may have asked for the same key meanwhile and got a new one.
            if (_models.GetValueOrDefault(key) == model)
            {
                _models.Remove(key);
            }
        }
    }
}
