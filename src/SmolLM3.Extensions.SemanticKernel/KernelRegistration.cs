using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace SmolLM3.Extensions.SemanticKernel;

/// <summary>What every overload of AddSmolLM3ChatCompletion registers: a chat client, and a chat completion service over
/// it, under one key.</summary>
internal static class KernelRegistration
{
    /// <summary>Finishes a client of ours, as the kernel's own connectors do theirs.</summary>
    public static IServiceCollection Add(IServiceCollection services, ChatClientBuilder builder, string? serviceId)
    {
        UseMiddleware(builder);
        return AddService(services, serviceId);
    }

    /// <summary>Registers a client that is there already. One that invokes functions itself stays as it is.</summary>
    public static IServiceCollection Add(IServiceCollection services, IChatClient client, string? serviceId)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(client);
        ChatClientBuilder builder = services.AddKeyedChatClient(serviceId, new NotOwnedChatClient(client));
        if (client.GetService<FunctionInvokingChatClient>() is null)
        {
            UseMiddleware(builder);
        }

        return AddService(services, serviceId);
    }

    private static void UseMiddleware(ChatClientBuilder builder) => builder
        .Use((inner, provider) => provider.GetService<ILoggerFactory>() is { } loggers
            ? inner.AsBuilder().UseLogging(loggers).Build(provider)
            : inner)
        .UseKernelFunctionInvocation();

    private static IServiceCollection AddService(IServiceCollection services, string? serviceId) =>
        services.AddKeyedSingleton<IChatCompletionService>(serviceId, (provider, key) =>
            new SmolLM3ChatCompletionService(provider.GetRequiredKeyedService<IChatClient>(key)));
}
