using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using SmolLM3.Extensions;

namespace Microsoft.SemanticKernel;

/// <summary>Adds SmolLM3 to a kernel.</summary>
/// <remarks>The kernel's services are made with it and live as long as the process, for a kernel is not disposed. Where
/// the model's memory must be given back earlier, pass a client of your own and dispose that, or add the kernel to the
/// services of a host.</remarks>
public static class SmolLM3KernelBuilderExtensions
{
    /// <summary>Adds SmolLM3.</summary>
    /// <param name="builder">The kernel builder.</param>
    /// <param name="configure">Sets the options; <see cref="SmolLM3Options.Model"/> at least.</param>
    /// <param name="serviceId">What execution settings know it by; null: it has no key.</param>
    /// <returns>The kernel builder.</returns>
    public static IKernelBuilder AddSmolLM3ChatCompletion(
        this IKernelBuilder builder, Action<SmolLM3Options> configure, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSmolLM3ChatCompletion(configure, serviceId);
        return builder;
    }

    /// <summary>Adds SmolLM3 with options from configuration.</summary>
    /// <param name="builder">The kernel builder.</param>
    /// <param name="section">The section whose keys are the properties of <see cref="SmolLM3Options"/>.</param>
    /// <param name="serviceId">What execution settings know it by; null: it has no key.</param>
    /// <returns>The kernel builder.</returns>
    public static IKernelBuilder AddSmolLM3ChatCompletion(
        this IKernelBuilder builder, IConfiguration section, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSmolLM3ChatCompletion(section, serviceId);
        return builder;
    }

    /// <summary>Adds a client that is there already, such as a <see cref="SmolLM3ChatClient"/>. It is not disposed with
    /// the kernel's services.</summary>
    /// <param name="builder">The kernel builder.</param>
    /// <param name="client">The client. One that has a <see cref="FunctionInvokingChatClient"/> gets no other.</param>
    /// <param name="serviceId">What execution settings know it by; null: it has no key.</param>
    /// <returns>The kernel builder.</returns>
    public static IKernelBuilder AddSmolLM3ChatCompletion(
        this IKernelBuilder builder, IChatClient client, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSmolLM3ChatCompletion(client, serviceId);
        return builder;
    }

    /// <summary>Adds SmolLM3, base model or not, to continue prompts as they stand.</summary>
    /// <param name="builder">The kernel builder.</param>
    /// <param name="configure">Sets the options; <see cref="SmolLM3Options.Model"/> at least.</param>
    /// <param name="serviceId">What execution settings know it by; null: it has no key.</param>
    /// <returns>The kernel builder.</returns>
    public static IKernelBuilder AddSmolLM3TextGeneration(
        this IKernelBuilder builder, Action<SmolLM3Options> configure, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSmolLM3TextGeneration(configure, serviceId);
        return builder;
    }

    /// <summary>Adds SmolLM3 to continue prompts, with options from configuration.</summary>
    /// <param name="builder">The kernel builder.</param>
    /// <param name="section">The section whose keys are the properties of <see cref="SmolLM3Options"/>.</param>
    /// <param name="serviceId">What execution settings know it by; null: it has no key.</param>
    /// <returns>The kernel builder.</returns>
    public static IKernelBuilder AddSmolLM3TextGeneration(
        this IKernelBuilder builder, IConfiguration section, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSmolLM3TextGeneration(section, serviceId);
        return builder;
    }

    /// <summary>Adds a client that is there already to continue prompts. It is not disposed with the kernel's services.</summary>
    /// <param name="builder">The kernel builder.</param>
    /// <param name="client">A <see cref="SmolLM3ChatClient"/>, or what middleware made of one.</param>
    /// <param name="serviceId">What execution settings know it by; null: it has no key.</param>
    /// <returns>The kernel builder.</returns>
    /// <exception cref="ArgumentException">The client offers no <see cref="ISmolLM3TextCompletion"/>.</exception>
    public static IKernelBuilder AddSmolLM3TextGeneration(
        this IKernelBuilder builder, IChatClient client, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSmolLM3TextGeneration(client, serviceId);
        return builder;
    }
}
