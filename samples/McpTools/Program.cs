using Microsoft.Extensions.AI;
using ModelContextProtocol.Client;
using SmolLM3.Extensions;
using SmolLM3.TinyModel;

// Tools of a Model Context Protocol server, called by SmolLM3. The server is samples/McpServer, a process of its own.
//   dotnet run --project samples/McpTools
//   dotnet run --project samples/McpTools -- "What time is it in Rome?"
//   dotnet run --project samples/McpTools -- "What time is it in Rome?" SmolLM3-Q4_K_M.gguf
string question = args is [string asked, ..] ? asked : "What is the weather in Lisbon?";
var options = new SmolLM3Options();
if (args is [_, string path])
{
    options.Model = path;
}
else
{
    options.UseTinyModel();
}

await using McpClient server = await McpClient.CreateAsync(new StdioClientTransport(new()
{
    Name = "cities",
    Command = "dotnet",
    Arguments = [Path.Combine(AppContext.BaseDirectory, "McpServer.dll")],
}));
IList<McpClientTool> tools = await server.ListToolsAsync();
Console.WriteLine($"The server offers {string.Join(", ", tools.Select(tool => tool.Name))}.");
Console.WriteLine($"> {question}");

using IChatClient client = new SmolLM3ChatClient(options).AsBuilder().UseFunctionInvocation().Build();
ChatResponse response = await client.GetResponseAsync(question, new()
{
    Tools = [.. tools],

    // Drawn at random, the tiny model's tokens go wrong now and then.
    Temperature = args.Length < 2 ? 0 : null,
});
foreach (AIContent content in response.Messages.SelectMany(message => message.Contents))
{
    Console.WriteLine(content switch
    {
        FunctionCallContent call => $"[call]   {call.Name}({string.Join(", ", call.Arguments?.Values ?? [])})",
        FunctionResultContent result => $"[result] {result.Result}",
        _ => $"[answer] {content}",
    });
}
