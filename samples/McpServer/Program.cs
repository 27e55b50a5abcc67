using McpServer;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// A small MCP server over standard input and output; samples/McpTools starts it. Any other MCP client may, too:
//   dotnet run --project samples/McpServer
HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);

// Standard output belongs to the protocol.
builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddMcpServer().WithStdioServerTransport().WithTools<CityTools>();
await builder.Build().RunAsync();
