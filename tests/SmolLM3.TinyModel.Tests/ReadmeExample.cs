using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using SmolLM3.TinyModel;

namespace SmolLM3.TinyModelTests;

/// <summary>The README's code: what stands between the two comments stands there too.</summary>
internal static class ReadmeExample
{
    public static async Task RunAsync()
    {
        // begin
        var services = new ServiceCollection();
        services.AddSmolLM3(options => options.UseTinyModel()).UseFunctionInvocation();
        await using ServiceProvider provider = services.BuildServiceProvider();
        var client = provider.GetRequiredService<IChatClient>();

        string GetWeather(string city) => $"Sunny, 24 degrees in {city}";
        var options = new ChatOptions
        {
            Tools = [AIFunctionFactory.Create(GetWeather, "GetWeather", "Gets the weather of a city.")],
            Reasoning = new ReasoningOptions { Effort = ReasoningEffort.Low }, Temperature = 0,
        };
        await foreach (var update in client.GetStreamingResponseAsync("What is the weather in Lisbon?", options))
        {
            Console.Write(update.Text);
        }
        // end
    }
}
