using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using SmolLM3.Extensions;
using SmolLM3.Extensions.DependencyInjection;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds SmolLM3 as an <see cref="IChatClient"/>.</summary>
/// <remarks>The client is a singleton, safe for concurrent use, and disposed by the container. Options are checked when
/// the host starts, and read when the client is made; a reload of the configuration that brings mistakes is logged and
/// ignored. Clients on the same model and the same engine settings share one model in memory.</remarks>
public static class SmolLM3ServiceCollectionExtensions
{
    /// <summary>Adds SmolLM3 with options configured elsewhere, by
    /// <c>services.Configure&lt;SmolLM3Options&gt;</c>.</summary>
    /// <returns>A builder that takes middleware, such as <c>UseFunctionInvocation()</c>.</returns>
    public static ChatClientBuilder AddSmolLM3(this IServiceCollection services) =>
        SmolLM3Registration.Add(services, null, isKeyed: false, static _ => { });

    /// <summary>Adds SmolLM3.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>A builder that takes middleware, such as <c>UseFunctionInvocation()</c>.</returns>
    public static ChatClientBuilder AddSmolLM3(this IServiceCollection services, Action<SmolLM3Options> configure) =>
        SmolLM3Registration.Add(services, null, isKeyed: false, options => options.Configure(configure));

    /// <summary>Adds SmolLM3 with options from configuration.</summary>
    /// <param name="services">The services.</param>
    /// <param name="section">The section whose keys are the properties of <see cref="SmolLM3Options"/>.</param>
    /// <returns>A builder that takes middleware, such as <c>UseFunctionInvocation()</c>.</returns>
    public static ChatClientBuilder AddSmolLM3(this IServiceCollection services, IConfiguration section) =>
        SmolLM3Registration.Add(services, null, isKeyed: false, options => options.Bind(section));

    /// <summary>Adds SmolLM3 under a key, with options configured elsewhere under the key's name.</summary>
    /// <inheritdoc cref="AddSmolLM3(IServiceCollection)"/>
    /// <exception cref="InvalidOperationException">Another key gives its options the same name: its
    /// <c>ToString()</c>.</exception>
    public static ChatClientBuilder AddKeyedSmolLM3(this IServiceCollection services, object? serviceKey) =>
        SmolLM3Registration.Add(services, serviceKey, isKeyed: true, static _ => { });

    /// <summary>Adds SmolLM3 under a key.</summary>
    /// <inheritdoc cref="AddSmolLM3(IServiceCollection, Action{SmolLM3Options})"/>
    /// <exception cref="InvalidOperationException">Another key gives its options the same name: its
    /// <c>ToString()</c>.</exception>
    public static ChatClientBuilder AddKeyedSmolLM3(
        this IServiceCollection services, object? serviceKey, Action<SmolLM3Options> configure) =>
        SmolLM3Registration.Add(services, serviceKey, isKeyed: true, options => options.Configure(configure));

    /// <summary>Adds SmolLM3 under a key, with options from configuration.</summary>
    /// <inheritdoc cref="AddSmolLM3(IServiceCollection, IConfiguration)"/>
    /// <exception cref="InvalidOperationException">Another key gives its options the same name: its
    /// <c>ToString()</c>.</exception>
    public static ChatClientBuilder AddKeyedSmolLM3(
        this IServiceCollection services, object? serviceKey, IConfiguration section) =>
        SmolLM3Registration.Add(services, serviceKey, isKeyed: true, options => options.Bind(section));
}
