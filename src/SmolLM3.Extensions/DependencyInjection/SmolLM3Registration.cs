using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SmolLM3.Extensions.Hosting;
using SmolLM3.Extensions.Loading;

namespace SmolLM3.Extensions.DependencyInjection;

/// <summary>What every overload of AddSmolLM3 registers.</summary>
internal static class SmolLM3Registration
{
    public static ChatClientBuilder Add(
        IServiceCollection services, object? key, bool isKeyed, Action<OptionsBuilder<SmolLM3Options>> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        string name = key?.ToString() ?? Options.DefaultName;
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<SmolLM3Options>, SmolLM3OptionsValidator>());
        services.TryAddSingleton<IEngineFactory>(ManagedEngineFactory.Instance);
        services.TryAddSingleton<ModelPool>();
        configure(services.AddOptions<SmolLM3Options>(name).ValidateOnStart());

        // The client itself stands beside what middleware makes of it, so that warming up does not depend on who is
        // the last to register an IChatClient.
        ClientKey own = new(name);
        services.AddKeyedSingleton(own, (provider, _) => Create(provider, name));
        services.AddSingleton<IHostedService>(provider => new WarmUpService(
            () => provider.GetRequiredService<IOptionsMonitor<SmolLM3Options>>().Get(name).WarmUp,
            () => provider.GetRequiredKeyedService<SmolLM3ChatClient>(own)));
        return isKeyed
            ? services.AddKeyedChatClient(key, Resolve)
            : services.AddChatClient(Resolve);

        IChatClient Resolve(IServiceProvider provider) => provider.GetRequiredKeyedService<SmolLM3ChatClient>(own);
    }

    private static SmolLM3ChatClient Create(IServiceProvider provider, string name) => new(
        provider.GetRequiredService<IOptionsMonitor<SmolLM3Options>>().Get(name),
        provider.GetRequiredService<ModelPool>(),
        provider.GetRequiredService<IEngineFactory>(),
        provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance,
        provider.GetService<TimeProvider>() ?? TimeProvider.System);

    private sealed record ClientKey(string Name);
}
