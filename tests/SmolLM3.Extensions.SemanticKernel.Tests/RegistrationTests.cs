using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.Services;
using SmolLM3.TinyModel;

namespace SmolLM3.Extensions.SemanticKernel.Tests;

public class RegistrationTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("local")]
    public void A_client_that_invokes_functions_and_a_service_stand_under_one_key(string? key)
    {
        Kernel kernel = Kernel.CreateBuilder()
            .AddSmolLM3ChatCompletion(options => options.UseTinyModel().ModelId = "tiny", key).Build();
        var client = kernel.GetRequiredService<IChatClient>(key);
        Assert.NotNull(client.GetService<SmolLM3ChatClient>());
        Assert.Equal("KernelFunctionInvokingChatClient", client.GetService<FunctionInvokingChatClient>()!.GetType().Name);
        var service = kernel.GetRequiredService<IChatCompletionService>(key);
        Assert.IsType<SmolLM3ChatCompletionService>(service);
        Assert.Equal("tiny", service.GetModelId());
        Assert.Same(service, kernel.GetRequiredService<IChatCompletionService>());
    }

    [Fact]
    public void Two_models_live_in_one_kernel()
    {
        IConfiguration section = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Model"] = "/models/big.gguf" }).Build();
        Kernel kernel = Kernel.CreateBuilder()
            .AddSmolLM3ChatCompletion(options => options.UseTinyModel().ModelId = "tiny", "small")
            .AddSmolLM3ChatCompletion(section, "large").Build();
        Assert.Equal("tiny", kernel.GetRequiredService<IChatCompletionService>("small").GetModelId());
        Assert.Equal("big", kernel.GetRequiredService<IChatCompletionService>("large").GetModelId());
    }

    [Fact]
    public async Task An_existing_client_is_not_disposed()
    {
        ScriptedClient own = new([]);
        ServiceProvider provider = new ServiceCollection().AddLogging().AddSmolLM3ChatCompletion(own).BuildServiceProvider();
        var client = provider.GetRequiredService<IChatClient>();
        Assert.NotNull(client.GetService<LoggingChatClient>());
        Assert.NotNull(client.GetService<FunctionInvokingChatClient>());
        Assert.NotNull(provider.GetRequiredService<IChatCompletionService>());
        await provider.DisposeAsync();
        Assert.False(own.IsDisposed);
    }

    [Fact]
    public void A_client_that_invokes_functions_gets_no_second_middleware()
    {
        IChatClient own = new ChatClientBuilder(new ScriptedClient([])).UseFunctionInvocation().Build();
        using ServiceProvider provider =
            new ServiceCollection().AddSmolLM3ChatCompletion(own, "mine").BuildServiceProvider();
        var client = provider.GetRequiredKeyedService<IChatClient>("mine");
        Assert.Same(own.GetService<FunctionInvokingChatClient>(), client.GetService<FunctionInvokingChatClient>());
    }

    [Fact]
    public void Null_is_refused()
    {
        IKernelBuilder none = null!;
        Assert.Throws<ArgumentNullException>(() => none.AddSmolLM3ChatCompletion(options => options.UseTinyModel()));
        Assert.Throws<ArgumentNullException>(
            () => Kernel.CreateBuilder().AddSmolLM3ChatCompletion((IChatClient)null!));
    }
}
