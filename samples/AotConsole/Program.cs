using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using SmolLM3.Extensions;
using SmolLM3.TinyModel;

// One native file, no .NET to install: a greeting that streams, a function call and a typed answer.
//   dotnet publish samples/AotConsole -o out
//   out/AotConsole                                   (the tiny model, which is in the file)
//   out/AotConsole --Model SmolLM3-Q4_K_M.gguf       (the real one; every option of SmolLM3Options can be set like this)
IConfiguration settings = new ConfigurationBuilder().AddCommandLine(args).Build();
bool isTiny = settings["Model"] is null;
var services = new ServiceCollection();
services.AddSmolLM3(settings).UseFunctionInvocation();
if (isTiny)
{
    services.Configure<SmolLM3Options>(options => options.UseTinyModel());
}

await using ServiceProvider provider = services.BuildServiceProvider();
var client = provider.GetRequiredService<IChatClient>();

await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("Hello, I am Laura.", Settings()))
{
    Console.Write(update.Text);
}

Console.WriteLine();

// JSON is not made by reflection here: the types that go into and come out of the model stand in a context.
AIFunction getWeather = AIFunctionFactory.Create(
    GetWeather, "GetWeather", "Gets the weather of a city.", SampleJson.Default.Options);
ChatOptions withTool = Settings();
withTool.Tools = [getWeather];
Console.WriteLine((await client.GetResponseAsync("What is the weather in Lisbon?", withTool)).Text);

ChatResponse<Verdict> typed = await client.GetResponseAsync<Verdict>(
    "Is the sky blue?", SampleJson.Default.Options, Settings());
Console.WriteLine(typed.Result);

static Weather GetWeather([Description("The city.")] string city) => new(15 + (city.Length % 10), "Sunny");

// Drawn at random, the tiny model's tokens go wrong now and then.
ChatOptions Settings() => new() { Temperature = isTiny ? 0 : null, MaxOutputTokens = 1000 };

internal sealed record Weather(int Degrees, string Sky);

internal sealed record Verdict(bool Answer, Certainty Certainty);

internal enum Certainty
{
    Low,
    High,
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true)]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(Weather))]
[JsonSerializable(typeof(Verdict))]
internal sealed partial class SampleJson : JsonSerializerContext;
