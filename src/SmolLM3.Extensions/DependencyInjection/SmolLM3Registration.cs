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
        ClientKey own = ToClientKey(key);
        ThrowIfNameIsTaken(services, own);
        string name = own.Name;
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<SmolLM3Options>, SmolLM3OptionsValidator>());
        services.TryAddSingleton<IEngineFactory>(ManagedEngineFactory.Instance);
        services.TryAddSingleton<ModelPool>();
        services.TryAddSingleton<IOptionsFactory<SmolLM3Options>>(provider => new LastGoodOptionsFactory(
            new OptionsFactory<SmolLM3Options>(
                provider.GetServices<IConfigureOptions<SmolLM3Options>>(),
                provider.GetServices<IPostConfigureOptions<SmolLM3Options>>(),
                provider.GetServices<IValidateOptions<SmolLM3Options>>()),
            Loggers(provider).CreateLogger<SmolLM3ChatClient>()));
        configure(services.AddOptions<SmolLM3Options>(name).ValidateOnStart());

        // The client itself stands beside what middleware makes of it, so that warming up does not depend on who is
        // the last to register an IChatClient.
        services.AddKeyedSingleton(own, (provider, _) => Create(provider, name));
        services.AddSingleton<IHostedService>(provider => new WarmUpService(
            () => provider.GetRequiredService<IOptionsMonitor<SmolLM3Options>>().Get(name).WarmUp,
            () => provider.GetRequiredKeyedService<SmolLM3ChatClient>(own),
            Loggers(provider).CreateLogger<SmolLM3ChatClient>(),
            Time(provider)));
        return isKeyed
            ? services.AddKeyedChatClient(key, Resolve)
            : services.AddChatClient(Resolve);

        IChatClient Resolve(IServiceProvider provider) => provider.GetRequiredKeyedService<SmolLM3ChatClient>(own);
    }

    /// <summary>The client that was added under a key, without its middleware.</summary>
    /// <exception cref="InvalidOperationException">None was.</exception>
    public static SmolLM3ChatClient Find(IServiceProvider provider, object? key) =>
        provider.GetKeyedService<SmolLM3ChatClient>(ToClientKey(key)) ?? throw new InvalidOperationException(
            $"There is no SmolLM3 client {(key is null ? "without a key" : $"of key {key}")}: add it by "
            + (key is null ? "AddSmolLM3." : "AddKeyedSmolLM3."));

    private static ClientKey ToClientKey(object? key) => new(key, key?.ToString() ?? Options.DefaultName);

    // Options have names only: two keys of one name would silently share theirs.
    private static void ThrowIfNameIsTaken(IServiceCollection services, ClientKey own)
    {
        foreach (ServiceDescriptor service in services)
        {
            if (service.ServiceKey is ClientKey other && other.Name == own.Name && other != own)
            {
                throw new InvalidOperationException(
                    $"Two SmolLM3 clients have different keys, {other.Describe()} and {own.Describe()}, but their "
                    + $"options would have the same name '{own.Name}'. Use keys whose ToString() differs.");
            }
        }
    }

    private static SmolLM3ChatClient Create(IServiceProvider provider, string name) => new(
        provider.GetRequiredService<IOptionsMonitor<SmolLM3Options>>().Get(name),
        provider.GetRequiredService<ModelPool>(),
        provider.GetRequiredService<IEngineFactory>(),
        Loggers(provider),
        Time(provider));

    private static ILoggerFactory Loggers(IServiceProvider provider) =>
        provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance;

    private static TimeProvider Time(IServiceProvider provider) =>
        provider.GetService<TimeProvider>() ?? TimeProvider.System;

    /// <summary>The key of the client itself.</summary>
    /// <param name="Key">The caller's key, or null.</param>
    /// <param name="Name">Name of its options.</param>
    private sealed record ClientKey(object? Key, string Name)
    {
        public string Describe() => Key is null ? "none" : $"{Key} ({Key.GetType()})";
    }
}
