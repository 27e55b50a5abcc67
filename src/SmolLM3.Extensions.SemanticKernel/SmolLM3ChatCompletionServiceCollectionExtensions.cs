using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using SmolLM3.Extensions;
using SmolLM3.Extensions.SemanticKernel;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds SmolLM3 as an <c>IChatCompletionService</c> and an <see cref="IChatClient"/> of one service id, with
/// <c>UseKernelFunctionInvocation()</c>.</summary>
/// <remarks>Singletons, safe for concurrent use, disposed by the container. Clients on the same model and the same engine
/// settings share one model in memory.</remarks>
public static class SmolLM3ChatCompletionServiceCollectionExtensions
{
    /// <summary>Adds SmolLM3.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; <see cref="SmolLM3Options.Model"/> at least.</param>
    /// <param name="serviceId">What execution settings know it by; null: it has no key.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddSmolLM3ChatCompletion(
        this IServiceCollection services, Action<SmolLM3Options> configure, string? serviceId = null) =>
        KernelRegistration.Add(services, services.AddKeyedSmolLM3(serviceId, configure), serviceId);

    /// <summary>Adds SmolLM3 with options from configuration.</summary>
    /// <param name="services">The services.</param>
    /// <param name="section">The section whose keys are the properties of <see cref="SmolLM3Options"/>.</param>
    /// <param name="serviceId">What execution settings know it by; null: it has no key.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddSmolLM3ChatCompletion(
        this IServiceCollection services, IConfiguration section, string? serviceId = null) =>
        KernelRegistration.Add(services, services.AddKeyedSmolLM3(serviceId, section), serviceId);

    /// <summary>Adds a client that is there already, such as a <see cref="SmolLM3ChatClient"/>. It is not disposed with
    /// the container.</summary>
    /// <param name="services">The services.</param>
    /// <param name="client">The client. One that has a <see cref="FunctionInvokingChatClient"/> gets no other.</param>
    /// <param name="serviceId">What execution settings know it by; null: it has no key.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddSmolLM3ChatCompletion(
        this IServiceCollection services, IChatClient client, string? serviceId = null) =>
        KernelRegistration.Add(services, client, serviceId);
}
