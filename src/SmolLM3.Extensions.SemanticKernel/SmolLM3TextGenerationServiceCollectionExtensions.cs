using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.SemanticKernel.TextGeneration;
using SmolLM3.Extensions;
using SmolLM3.Extensions.SemanticKernel;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds SmolLM3, base model or not, as an <c>ITextGenerationService</c>, which continues prompts as they
/// stand.</summary>
/// <remarks>Singletons, safe for concurrent use, disposed by the container. Clients on the same model and the same engine
/// settings share one model in memory, those that chat included. No <see cref="IChatClient"/> is added under the service
/// id, so that a chat completion service of the same id keeps its own.</remarks>
public static class SmolLM3TextGenerationServiceCollectionExtensions
{
    /// <summary>Adds SmolLM3.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; <see cref="SmolLM3Options.Model"/> at least.</param>
    /// <param name="serviceId">What execution settings know it by; null: it has no key.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddSmolLM3TextGeneration(
        this IServiceCollection services, Action<SmolLM3Options> configure, string? serviceId = null)
    {
        services.AddKeyedSmolLM3(new TextGenerationKey(serviceId), configure);
        return AddService(services, serviceId);
    }

    /// <summary>Adds SmolLM3 with options from configuration.</summary>
    /// <param name="services">The services.</param>
    /// <param name="section">The section whose keys are the properties of <see cref="SmolLM3Options"/>.</param>
    /// <param name="serviceId">What execution settings know it by; null: it has no key.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddSmolLM3TextGeneration(
        this IServiceCollection services, IConfiguration section, string? serviceId = null)
    {
        services.AddKeyedSmolLM3(new TextGenerationKey(serviceId), section);
        return AddService(services, serviceId);
    }

    /// <summary>Adds a client that is there already. It is not disposed with the container.</summary>
    /// <param name="services">The services.</param>
    /// <param name="client">A <see cref="SmolLM3ChatClient"/>, or what middleware made of one.</param>
    /// <param name="serviceId">What execution settings know it by; null: it has no key.</param>
    /// <returns>The services.</returns>
    /// <exception cref="ArgumentException">The client offers no <see cref="ISmolLM3TextCompletion"/>.</exception>
    public static IServiceCollection AddSmolLM3TextGeneration(
        this IServiceCollection services, IChatClient client, string? serviceId = null) =>
        services.AddKeyedSingleton<ITextGenerationService>(serviceId, new SmolLM3TextGenerationService(client));

    private static IServiceCollection AddService(IServiceCollection services, string? serviceId) =>
        services.AddKeyedSingleton<ITextGenerationService>(serviceId, (provider, _) =>
            new SmolLM3TextGenerationService(
                provider.GetRequiredKeyedService<IChatClient>(new TextGenerationKey(serviceId))));
}
