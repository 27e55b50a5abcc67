using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SmolLM3.Extensions.Hosting;

namespace SmolLM3.Extensions.DependencyInjection;

/// <summary>Makes options, and gives the last good ones again where a reload of the configuration brought mistakes: what
/// runs must not fail for a slip in a file. The first options of a name have to be right.</summary>
/// <param name="inner">Makes and checks them.</param>
/// <param name="logger">Told of the mistakes.</param>
internal sealed class LastGoodOptionsFactory(IOptionsFactory<SmolLM3Options> inner, ILogger logger)
    : IOptionsFactory<SmolLM3Options>
{
    private readonly ConcurrentDictionary<string, SmolLM3Options> _good = new(StringComparer.Ordinal);

    /// <exception cref="OptionsValidationException">Something is wrong with the first options of this name.</exception>
    public SmolLM3Options Create(string name)
    {
        try
        {
            SmolLM3Options options = inner.Create(name);
            _good[name] = options.Clone();
            return options;
        }
        catch (Exception error) when (_good.ContainsKey(name))
        {
            // Not only the validator's: binding "many" to a number throws as well.
            logger.ReloadIsIgnored(name, error.Message);
            return _good[name].Clone();
        }
    }
}
