using System.ClientModel;
using System.ComponentModel;
using CloudSwap;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenAI;
using SmolLM3.TinyModel;

// One agent, three models: the value of Chat:Provider says which.
//   dotnet run --project samples/CloudSwap                                      SmolLM3, in this process
//   dotnet run --project samples/CloudSwap -- --Chat:Provider OpenAI            OpenAI, or any server that speaks like it
//   dotnet run --project samples/CloudSwap -- --Chat:Provider LocalFirst        SmolLM3, and OpenAI where that cannot
// The others: Chat:SmolLM3:Model (path of a GGUF file; without it the tiny model), Chat:OpenAI:Endpoint,
// Chat:OpenAI:Model, Chat:OpenAI:ApiKey, Chat:Question.
HostApplicationBuilder builder = Host.CreateApplicationBuilder(
    new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppContext.BaseDirectory });
IConfiguration chat = builder.Configuration.GetSection("Chat");

builder.Services.AddKeyedSmolLM3("SmolLM3", options =>
{
    options.UseTinyModel();
    options.Temperature = 0;
    chat.GetSection("SmolLM3").Bind(options);
});
builder.Services.AddKeyedChatClient("OpenAI", _ => MakeOpenAI(chat.GetRequiredSection("OpenAI")));
builder.Services.AddKeyedChatClient("LocalFirst", services => new LocalFirstChatClient(
    services.GetRequiredKeyedService<IChatClient>("SmolLM3"),
    services.GetRequiredKeyedService<IChatClient>("OpenAI"),
    services.GetRequiredService<ILogger<LocalFirstChatClient>>()));

using IHost host = builder.Build();
AIAgent agent = host.Services.GetRequiredKeyedService<IChatClient>(chat["Provider"]).AsAIAgent(
    instructions: "You are a helpful assistant.",
    tools: [AIFunctionFactory.Create(GetWeather, "GetWeather", "Gets the weather of a city.")]);

string question = chat["Question"] ?? "What is the weather in Lisbon?";
Console.WriteLine($"> {question}");
string? model = null;
await foreach (AgentResponseUpdate update in agent.RunStreamingAsync(question))
{
    Console.Write(update.Text);
    model = update.AsChatResponseUpdate().ModelId ?? model;
}

Console.WriteLine();
Console.WriteLine($"({chat["Provider"]}: answered by {model})");

static IChatClient MakeOpenAI(IConfiguration section) =>
    new OpenAIClient(
        new ApiKeyCredential(section["ApiKey"] ?? throw new InvalidOperationException("Set Chat:OpenAI:ApiKey.")),
        new OpenAIClientOptions { Endpoint = new Uri(section["Endpoint"]!) })
    .GetChatClient(section["Model"]).AsIChatClient();

static string GetWeather([Description("The city.")] string city) =>
    $"Sunny, {15 + (city.Length % 10)} degrees";
